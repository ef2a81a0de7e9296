import { openCommandDeps } from './commands/command-deps.ts';
import { seedInstallation } from './commands/seed-installation.ts';
import { isLoopback, readBaseConfig } from './config.ts';
import { checkMigrations, migrateAuth } from './db/migrations.ts';

/**
 * One-shot command of the embedded start: seeds the installation and prints what it made, once,
 * as JSON on stdout. Never a route; refuses an issuer that others could reach.
 */
async function run(): Promise<void> {
  const config = readBaseConfig();
  if (!isLoopback(new URL(config.origin).hostname)) {
    throw new Error('seeding is for development: ORIGIN is not a loopback address');
  }
  if (config.ownerUrl !== undefined) await migrateAuth(config.ownerUrl);
  const deps = openCommandDeps(config.databaseUrl);
  try {
    await checkMigrations(deps.db);
    const again = process.argv.includes('--again');
    const seed = await seedInstallation({ ...deps, peppers: config.peppers }, { again });
    process.stdout.write(`${JSON.stringify({ issuer: config.issuer, ...seed })}\n`);
  } finally {
    await deps.db.end({ timeout: 5 });
  }
}

run().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
