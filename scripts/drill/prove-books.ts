import { execFile } from 'node:child_process';
import { join } from 'node:path';

const PROOF_MS_MAX = 300_000;
const ROOT = join(import.meta.dirname, '../..');

/** Runs billing's own proof of the books as a process; gives its exit code and last line. */
export function proveBooks(databaseUrl: string): Promise<{ code: number; text: string }> {
  const script = join(ROOT, 'services/billing/src/reconcile-cli.ts');
  const env = { PATH: process.env.PATH, DATABASE_URL: databaseUrl };
  return new Promise((resolve) => {
    const options = { env, cwd: ROOT, timeout: PROOF_MS_MAX };
    execFile(process.execPath, [script], options, (error, stdout) => {
      const code = error ? Number(error.code ?? -1) : 0;
      resolve({ code, text: stdout.trim().split('\n').at(-1) ?? '' });
    });
  });
}
