import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServiceName } from '@clearinghouse/shared';
import { keyPatterns } from './redis-acl.ts';

/**
 * Secrets that fit nothing else: one that a later version asks for is made when it is missing. All
 * others open something that exists, and a new one in their place would lose it.
 */
const MADE_LATER = /^(dpop_nonce_secret|session_secret|queue_key_[a-z_]+)$/;
const SERVICES: readonly ServiceName[] = ['auth', 'billing', 'signer'];

/**
 * What an installation that was written by an earlier version lacks: secrets that came later, and
 * keys of Redis that a service may use by now. Nothing that is there is changed.
 *
 * @param fresh contents of a new installation, of which the missing ones are taken.
 * @returns the files to write; none when the installation is up to date.
 */
export function missingContents(
  folder: string,
  fresh: Readonly<Record<string, string>>,
): Record<string, string> {
  const later = Object.entries(fresh).filter(
    ([name]) => MADE_LATER.test(name) && !existsSync(join(folder, name)),
  );
  const acl = readFileSync(join(folder, 'redis_acl'), 'utf8');
  const whole = withKeyPatterns(acl);
  return { ...Object.fromEntries(later), ...(whole === acl ? {} : { redis_acl: whole }) };
}

/** The access list with every key that the services use; the operator's own lines stay. */
function withKeyPatterns(acl: string): string {
  return acl
    .split('\n')
    .map((line) => {
      const service = SERVICES.find((name) => line.startsWith(`user ${name} `));
      if (service === undefined) return line;
      const words = line.split(' ');
      const missing = keyPatterns(service)
        .map((pattern) => `~${pattern}`)
        .filter((word) => !words.includes(word));
      const at = words.findIndex((word) => /^[+-]/.test(word));
      if (at < 0) return [...words, ...missing].join(' ');
      return [...words.slice(0, at), ...missing, ...words.slice(at)].join(' ');
    })
    .join('\n');
}
