import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DEVELOPMENT_PRICE_E8, makeKeystore, makeSecrets } from '@clearinghouse/stack';
import { redisAcl } from './redis-acl.ts';
import { missingContents } from './update-installation.ts';

/** Where and for which chain. */
export type InstallationOptions = {
  readonly dir: string;
  readonly rpcUrl: string | undefined;
  readonly controllerAddress: string | undefined;
  readonly chainId: string | undefined;
};

/** The first contract that the development chain's deployer makes stands here. */
const DEVNET = {
  rpcUrl: 'http://anvil:8545',
  controllerAddress: '0x5FbDB2315678afecb367f032d93F642f64180aa3',
  chainId: '31337',
};
/** Runs the containers when the folder belongs to root. */
const UNPRIVILEGED_ID = 10_001;
/**
 * Containers of Postgres and Redis run as users of their own and read their files through a bind
 * mount; on the host the folder, mode 0700, keeps everybody else out.
 */
const INFRASTRUCTURE = new Set(['postgres_password', 'role_passwords', 'redis_acl']);

type Owner = { readonly uid: number; readonly gid: number };

/** Writes what is missing and keeps what exists. @returns a line for each file. */
export async function writeInstallation(options: InstallationOptions): Promise<string[]> {
  const folder = join(options.dir, 'secrets');
  const owner = ownerOf(options.dir);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  own(folder, owner, 0o700);
  const done: string[] = [];
  const complete = existsSync(join(folder, '.complete'));
  const fresh = await makeContents();
  const contents = complete ? missingContents(folder, fresh) : fresh;
  for (const [name, text] of Object.entries(contents)) {
    const path = join(folder, name);
    // A half-finished run is made anew as a whole: passwords in one file must match another.
    writeFileSync(path, text);
    own(path, owner, INFRASTRUCTURE.has(name) ? 0o644 : 0o600);
    done.push(`secrets/${name}`);
  }
  if (complete)
    done.push(`secrets/ is complete: ${done.length > 0 ? 'all else ' : ''}kept as it is`);
  else writeFileSync(join(folder, '.complete'), '');
  const env = join(options.dir, '.env');
  if (existsSync(env)) return [...done, '.env exists: kept as it is'];
  writeFileSync(env, envFile(options, owner, readAddress(folder)));
  own(env, owner, 0o600);
  return [...done, '.env'];
}

function ownerOf(dir: string): Owner {
  const { uid, gid } = statSync(dir);
  return uid === 0 ? { uid: UNPRIVILEGED_ID, gid: UNPRIVILEGED_ID } : { uid, gid };
}

function own(path: string, owner: Owner, mode: number): void {
  chmodSync(path, mode);
  if (process.getuid?.() === 0) chownSync(path, owner.uid, owner.gid);
}

async function makeContents(): Promise<Record<string, string>> {
  const secrets = makeSecrets();
  const redis = { auth: makeSecrets(), billing: makeSecrets(), signer: makeSecrets() };
  const redisPasswords = {
    auth: redis.auth.postgresPassword,
    billing: redis.billing.postgresPassword,
    signer: redis.signer.postgresPassword,
  };
  const database = (role: string) =>
    `postgres://${role}:${secrets.rolePasswords[role]}@postgres:5432/clearinghouse`;
  const redisUrl = (service: keyof typeof redisPasswords) =>
    `redis://${service}:${redisPasswords[service]}@redis:6379`;
  const queueKeys = Object.entries(secrets.queueKeys).map(
    ([pair, key]) => [`queue_key_${pair.toLowerCase()}`, key] as const,
  );
  const rolePasswords = Object.entries(secrets.rolePasswords).map(
    ([role, text]) => `${role}=${text}`,
  );
  return {
    postgres_password: secrets.postgresPassword,
    role_passwords: `${rolePasswords.join('\n')}\n`,
    redis_acl: redisAcl(redisPasswords),
    auth_database_url: database('auth_app'),
    auth_owner_url: database('auth_owner'),
    auth_redis_url: redisUrl('auth'),
    billing_database_url: database('billing_app'),
    billing_owner_url: database('billing_owner'),
    billing_redis_url: redisUrl('billing'),
    signer_redis_url: redisUrl('signer'),
    ...Object.fromEntries(queueKeys),
    key_encryption_key: secrets.keyEncryptionKey,
    api_key_pepper: secrets.apiKeyPepper,
    cookie_keys: secrets.cookieKeys,
    dpop_nonce_secret: secrets.dpopNonceSecret,
    session_secret: secrets.sessionSecret,
    'keystore.json': await makeKeystore(secrets.keystorePassword),
    keystore_password: secrets.keystorePassword,
  };
}

function readAddress(folder: string): string {
  const text = readFileSync(join(folder, 'keystore.json'), 'utf8');
  const { address } = JSON.parse(text) as { address: string };
  return `0x${address.replace(/^0x/, '')}`;
}

function envFile(options: InstallationOptions, owner: Owner, address: string): string {
  const isDevnet = options.rpcUrl === undefined;
  const chain = isDevnet
    ? DEVNET
    : {
        rpcUrl: options.rpcUrl,
        controllerAddress: options.controllerAddress ?? '',
        chainId: options.chainId ?? '',
      };
  return `# Written by the init container or npm run secrets; edit freely, it is never overwritten.
# The account whose deposit and reserve pay (its keystore is secrets/keystore.json).
SIGNER_ADDRESS=${address}
# Who the containers run as.
RUN_AS_UID=${owner.uid}
RUN_AS_GID=${owner.gid}
# Where clients reach auth and gateways reach the signer. Production: https origins.
PUBLIC_ORIGIN=http://127.0.0.1:4000
SIGNER_ORIGIN=http://127.0.0.1:4002
# The chain.
ETH_RPC_URL=${chain.rpcUrl}
CONTROLLER_ADDRESS=${chain.controllerAddress}
CHAIN_ID=${chain.chainId}
# USD price of one ETH x 10^8.
FX_FIXED_E8=${DEVELOPMENT_PRICE_E8}
${isDevnet ? 'COMPOSE_PROFILES=devnet\n' : ''}`;
}
