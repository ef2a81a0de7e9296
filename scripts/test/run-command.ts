import { spawn } from 'node:child_process';
import { delimiter, join } from 'node:path';

/**
 * Runs a command, those of `node_modules/.bin` first, with this terminal; waits for its end.
 *
 * @returns its exit code; 1 when a signal ended it or it could not be started
 */
export function runCommand(
  root: string,
  command: string,
  args: readonly string[],
): Promise<number> {
  const bin = join(root, 'node_modules/.bin');
  const path = [bin, process.env.PATH ?? ''].join(delimiter);
  const child = spawn(command, args, {
    cwd: root,
    env: { ...process.env, PATH: path },
    stdio: 'inherit',
  });
  return new Promise((resolve) => {
    child.once('error', (error) => {
      console.error(`${command}: ${error.message}`);
      resolve(1);
    });
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
