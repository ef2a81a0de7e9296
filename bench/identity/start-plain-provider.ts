import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** The provider that ours is compared with, in a process of its own. */
export type PlainProvider = {
  readonly origin: string;
  readonly refreshTokens: readonly string[];
  readonly opaque: string;
  readonly pid: number;
  readonly stop: () => void;
};

/** Starts it and reads where it listens. */
export async function startPlainProvider(): Promise<PlainProvider> {
  const program = join(import.meta.dirname, 'plain-provider.ts');
  const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'ignore'] });
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.startsWith('ready ')) continue;
    const told = JSON.parse(line.slice('ready '.length));
    return { ...told, pid: child.pid ?? 0, stop: () => child.kill('SIGKILL') };
  }
  throw new Error('the plain provider did not start');
}
