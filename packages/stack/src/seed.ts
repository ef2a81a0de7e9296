import { execFile } from 'node:child_process';
import { join } from 'node:path';

/** What auth's one-shot seed prints: made at the first start, the same at every other. */
export type Seeded = {
  readonly app: { id: string; m2mClientId: string; m2mClientSecret: string };
  readonly admin: { clientId: string; clientSecret: string };
  readonly apiKey: string;
  readonly users: readonly { externalUserId: string }[];
};

const SEED_TIMEOUT_MS = 30_000;

/** The line that the command prints. */
type SeedLine = {
  readonly seeded: boolean;
  readonly app: { readonly id: string };
  readonly machine: { readonly clientId: string; readonly clientSecret: string };
  readonly admin: { readonly clientId: string; readonly clientSecret: string };
  readonly apiKey: { readonly key: string };
  readonly users: readonly { readonly externalUserId: string }[];
};

/**
 * Runs auth's seed command with auth's environment; it refuses an issuer beyond loopback. Asked
 * only while its credentials are not kept, so an installation that was seeded already, by a start
 * that was killed before it kept them, is seeded again.
 */
export async function runSeed(root: string, env: Record<string, string>): Promise<Seeded> {
  const first = await runOnce(root, env, []);
  const line = first.seeded ? first : await runOnce(root, env, ['--again']);
  return toSeeded(line);
}

function runOnce(root: string, env: Record<string, string>, flags: string[]): Promise<SeedLine> {
  const script = join(root, 'services/auth/src/seed-cli.ts');
  return new Promise((resolve, reject) => {
    const options = { env, timeout: SEED_TIMEOUT_MS, cwd: root };
    execFile(process.execPath, [script, ...flags], options, (error, stdout, stderr) => {
      if (error) return reject(new Error(`seeding failed: ${lastLine(stderr || stdout)}`));
      resolve(JSON.parse(lastLine(stdout)) as SeedLine);
    });
  });
}

function toSeeded(line: SeedLine): Seeded {
  return {
    app: {
      id: line.app.id,
      m2mClientId: line.machine.clientId,
      m2mClientSecret: line.machine.clientSecret,
    },
    admin: line.admin,
    apiKey: line.apiKey.key,
    users: line.users.map(({ externalUserId }) => ({ externalUserId })),
  };
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
