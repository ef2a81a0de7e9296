import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The secrets of one development installation, made once and kept (mode 0600). */
export type DevSecrets = {
  readonly postgresPassword: string;
  readonly rolePasswords: Readonly<Record<string, string>>;
  readonly queueKeys: Readonly<Record<string, string>>;
  readonly keyEncryptionKey: string;
  readonly apiKeyPepper: string;
  readonly cookieKeys: string;
  readonly dpopNonceSecret: string;
  readonly sessionSecret: string;
  readonly keystorePassword: string;
};

const ROLES = [
  'auth_owner',
  'billing_owner',
  'queue_owner',
  'auth_app',
  'billing_app',
  'queue_auth',
  'queue_billing',
  'queue_signer',
];

const QUEUE_PAIRS = [
  'SIGNER_TO_BILLING',
  'BILLING_TO_SIGNER',
  'SIGNER_TO_AUTH',
  'AUTH_TO_SIGNER',
  'AUTH_TO_BILLING',
];

/** Reads the installation's secrets, or makes them at the first start. */
export function keepSecrets(dataDir: string): DevSecrets {
  const path = join(dataDir, 'secrets.json');
  // A secret that came later is made for an older installation too, and kept with the rest.
  if (existsSync(path)) {
    const known = JSON.parse(readFileSync(path, 'utf8')) as Partial<DevSecrets>;
    const all = { ...makeSecrets(), ...known };
    if (Object.keys(all).length > Object.keys(known).length) writeSecrets(path, all);
    return all;
  }
  const secrets = makeSecrets();
  writeSecrets(path, secrets);
  return secrets;
}

function writeSecrets(path: string, secrets: DevSecrets): void {
  writePrivate(path, `${JSON.stringify(secrets, null, 2)}\n`);
}

/** Writes a file that only its owner may read, whole or not at all. */
export function writePrivate(path: string, text: string): void {
  const temporary = `${path}.${process.pid}.new`;
  writeFileSync(temporary, text, { mode: 0o600 });
  renameSync(temporary, path);
}

/** Fresh secrets: all from the system's random source. */
export function makeSecrets(): DevSecrets {
  return {
    postgresPassword: hex(24),
    rolePasswords: Object.fromEntries(ROLES.map((role) => [role, hex(24)])),
    queueKeys: Object.fromEntries(QUEUE_PAIRS.map((pair) => [pair, `k1:${hex(32)}`])),
    keyEncryptionKey: hex(32),
    apiKeyPepper: `1:${hex(32)}`,
    cookieKeys: `${hex(32)},${hex(32)}`,
    dpopNonceSecret: hex(32),
    sessionSecret: hex(32),
    keystorePassword: hex(24),
  };
}

function hex(bytes: number): string {
  return randomBytes(bytes).toString('hex');
}
