import { parseArgs } from 'node:util';
import { emailSchema } from './accounts/account.ts';
import { UsageFault } from './api-client/parse-call.ts';
import { runCall } from './api-client/run-call.ts';
import { verifyAudit } from './audit/verify-audit.ts';
import { addGateway } from './commands/add-gateway.ts';
import { bootstrapAdmin } from './commands/bootstrap-admin.ts';
import { openCommandDeps } from './commands/command-deps.ts';
import { inviteOperator } from './commands/invite-operator.ts';
import { purgeOldAudit } from './commands/purge-audit.ts';
import { type BaseConfig, readBaseConfig, readTarget } from './config.ts';
import { checkMigrations, migrateAuth } from './db/migrations.ts';
import { LIMITS } from './limits.ts';
import { createSealer } from './secrets/sealer.ts';
import { ensureSigningKeys, loadKeyRing } from './signing-keys/load-key-ring.ts';
import { rotateSigningKeys } from './signing-keys/rotate-signing-keys.ts';
import { mintManagementToken } from './tokens/mint-management-token.ts';

const USAGE = `usage: admin bootstrap [--rotate]   make the administrator, print its secret once
       admin operator EMAIL           make a person an operator; a link for who has no account
       admin rotate-keys ES256|RS256  rotate a signing key of the issuer
                [--compromised]       at once, and forget the old one with its tokens
       admin gateway add NAME         an API key for a gateway, and the lines it needs
                [--app app_…]         the app that pays, where there are several
       admin audit verify             proves that no entry was changed or removed
       admin audit purge --days N     deletes sealed entries older than that (needs AUTH_OWNER_URL)
       admin help                     what can be asked of a running installation: app create, ...`;

type Command = (config: BaseConfig, args: readonly string[]) => Promise<object>;

const COMMANDS: Readonly<Record<string, Command>> = {
  bootstrap: runBootstrap,
  operator: runOperator,
  'rotate-keys': runRotateKeys,
  gateway: runGateway,
  audit: runAudit,
};

/** `admin bootstrap`: client credentials for the admin API, and a token for the first hour. */
async function runBootstrap(config: BaseConfig, args: readonly string[]): Promise<object> {
  const deps = openCommandDeps(config.databaseUrl);
  try {
    await checkMigrations(deps.db);
    const admin = await bootstrapAdmin(deps, { rotate: args.includes('--rotate') });
    if (!admin.ok) {
      throw new Error('there is an administrator already: --rotate replaces its secret');
    }
    const keyDeps = { db: deps.db, sealer: createSealer(config.keyEncryptionKeys) };
    await ensureSigningKeys(keyDeps);
    const ring = await loadKeyRing(keyDeps);
    const { issuer, managementAudience } = config;
    const minted = await mintManagementToken(
      { keys: () => ring, issuer, managementAudience, nowMs: () => Date.now() },
      { ...admin.value, scopes: ['admin'], ttlSec: LIMITS.bootstrapTokenTtlSec },
    );
    return { ...admin.value, token: minted.accessToken, expiresInSec: minted.expiresInSec };
  } finally {
    await deps.db.end({ timeout: 5 });
  }
}

/** `admin operator EMAIL`: the first person who may do everything, on pages of their own. */
async function runOperator(config: BaseConfig, args: readonly string[]): Promise<object> {
  const email = emailSchema.safeParse(args[0]);
  if (!email.success) throw new Error(USAGE);
  const deps = openCommandDeps(config.databaseUrl);
  try {
    await checkMigrations(deps.db);
    return await inviteOperator(deps, { email: email.data, origin: config.origin, actor: 'cli' });
  } finally {
    await deps.db.end({ timeout: 5 });
  }
}

/** `admin rotate-keys`: running replicas follow within a second. */
async function runRotateKeys(config: BaseConfig, args: readonly string[]): Promise<object> {
  const [alg] = args;
  const isCompromised = args.includes('--compromised');
  if (alg !== 'ES256' && alg !== 'RS256') throw new Error(USAGE);
  const { db } = openCommandDeps(config.databaseUrl);
  try {
    const sealer = createSealer(config.keyEncryptionKeys);
    const input = { alg, actor: 'cli', isCompromised } as const;
    const outcome = await rotateSigningKeys({ db, sealer }, input);
    if (!outcome.ok) throw new Error(outcome.detail ?? outcome.code);
    return { rotated: alg };
  } finally {
    await db.end({ timeout: 5 });
  }
}

/** `admin audit verify|purge`. A log that is not whole makes the command fail. */
async function runAudit(config: BaseConfig, args: readonly string[]): Promise<object> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { days: { type: 'string' } },
    allowPositionals: true,
  });
  const [verb] = positionals;
  if (verb === 'purge') return purgeOldAudit(config.ownerUrl, Number(values.days));
  if (verb !== 'verify') throw new Error(USAGE);
  const { db } = openCommandDeps(config.databaseUrl);
  try {
    const proof = await verifyAudit({ db });
    if (proof.faults.length > 0) process.exitCode = 1;
    return proof;
  } finally {
    await db.end({ timeout: 5 });
  }
}

/** `admin gateway add NAME`: what a go-livepeer operator pastes. */
async function runGateway(config: BaseConfig, args: readonly string[]): Promise<object> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { app: { type: 'string' } },
    allowPositionals: true,
  });
  const [verb, name] = positionals;
  if (verb !== 'add' || !name) throw new Error(USAGE);
  const deps = openCommandDeps(config.databaseUrl);
  try {
    const { peppers, signerUrl } = config;
    const input = { name, appId: values.app, signerUrl, actor: 'cli' };
    return await addGateway({ ...deps, peppers }, input);
  } finally {
    await deps.db.end({ timeout: 5 });
  }
}

/** Commands on the database itself; everything else is asked of the API. */
function isLocal([name = '', verb = '']: readonly string[]): boolean {
  if (name === 'audit') return ['verify', 'purge'].includes(verb);
  return name in COMMANDS && !(name === 'operator' && verb === 'invite');
}

async function run(): Promise<void> {
  const args = process.argv.slice(2);
  const [name = '', ...rest] = args;
  if (name === '' || name === '--help') throw new UsageFault(USAGE);
  if (!isLocal(args)) {
    process.stdout.write(`${await runCall(readTarget(), args)}\n`);
    return;
  }
  const config = readBaseConfig();
  if (config.ownerUrl !== undefined) await migrateAuth(config.ownerUrl);
  process.stdout.write(`${JSON.stringify(await COMMANDS[name]?.(config, rest))}\n`);
}

/** 1: it was refused or failed; 2: it was not understood. */
run().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof UsageFault ? 2 : 1;
});
