import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { adminToken, DEVELOPMENT_CREDIT_MICROS, giveCredit } from './give-credit.ts';
import { writePrivate } from './keep-secrets.ts';
import { runSeed, type Seeded } from './seed.ts';

/**
 * Seeds the first app once and keeps its credentials, which the database has only as hashes.
 * A start that was killed between the two seeds again: the seed makes new secrets for what
 * exists already.
 */
export async function keepSeed(options: {
  root: string;
  dataDir: string;
  env: Record<string, string>;
}): Promise<Seeded> {
  const path = join(options.dataDir, 'seed.json');
  const kept = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Seeded) : undefined;
  const seeded = kept ?? (await runSeed(options.root, options.env));
  if (!kept) writePrivate(path, `${JSON.stringify(seeded, null, 2)}\n`);
  return seeded;
}

/** Gives the first app its development credit, once for each installation. */
export async function creditFirstApp(authOrigin: string, seeded: Seeded): Promise<void> {
  const token = await adminToken(authOrigin, seeded);
  await giveCredit(authOrigin, token, {
    appId: seeded.app.id,
    amountMicros: DEVELOPMENT_CREDIT_MICROS,
    idempotencyKey: `development-credit-${seeded.app.id}`,
  });
}
