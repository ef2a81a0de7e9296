import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { adminToken, environmentOf } from '@clearinghouse/stack';
import type { BenchStack } from '../payments/bench-stack.ts';

/** A confidential client of the first app, and what it holds of a person who signed in there. */
export type SeededTokens = {
  /** `id:secret`, for Basic authentication. */
  readonly client: string;
  readonly refreshTokens: readonly string[];
  readonly opaque: string;
};

const TIMEOUT_MS = 30_000;

/** Makes a web client through the API and tokens for it, `count` sign-ins of one person. */
export async function seedTokens(stack: BenchStack, count: number): Promise<SeededTokens> {
  const { authOrigin, seeded, services } = stack;
  const token = await adminToken(authOrigin, seeded);
  const [user] = seeded.users;
  const response = await fetch(`${authOrigin}/api/v1/admin/apps/${seeded.app.id}/clients`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ name: 'bench', metadata: { redirect_uris: ['http://127.0.0.1/cb'] } }),
  });
  if (!response.ok) throw new Error(`no client: HTTP ${response.status} ${await response.text()}`);
  const made = (await response.json()) as { clientId: string; clientSecret: string };
  const script = join(import.meta.dirname, 'issue-tokens.ts');
  const args = [script, made.clientId, user?.externalUserId ?? '', String(count)];
  const env = environmentOf('auth', services, { name: 'issue-tokens', port: 1 });
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    env: { ...env, LOG_LEVEL: 'error' },
    timeout: TIMEOUT_MS,
  });
  const line = stdout.trim().split('\n').at(-1) ?? '';
  return { client: `${made.clientId}:${made.clientSecret}`, ...JSON.parse(line) };
}
