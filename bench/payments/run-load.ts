import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Load, LoadResult } from './generate-load.ts';

/** Runs the generator of load in a process of its own. */
export function runLoad(load: Load): Promise<LoadResult> {
  const script = join(import.meta.dirname, 'load-cli.ts');
  const child = spawn(process.execPath, [script, JSON.stringify(load)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += chunk;
  });
  return new Promise((resolve, reject) => {
    child.on('exit', (code) => {
      if (code !== 0) return reject(new Error(`the generator of load ended with ${code}`));
      resolve(JSON.parse(text) as LoadResult);
    });
  });
}
