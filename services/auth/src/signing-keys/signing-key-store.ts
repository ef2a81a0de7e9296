import type { Database, Transaction } from '@clearinghouse/shared';
import type { JWK } from 'jose';
import type { SigningAlg } from '../tokens/key-ring.ts';

export type SigningKeyRow = {
  readonly kid: string;
  readonly alg: SigningAlg;
  readonly publicJwk: JWK;
  readonly privateSealed: Buffer;
  readonly status: 'next' | 'active' | 'retired';
};

/** Channel on which replicas learn that signing keys changed. */
export const SIGNING_KEYS_CHANNEL = 'signing_keys_changed';
/** One lock for all replicas that start at once. */
const SIGNING_KEYS_LOCK = 7_263_849_106n;

/** Waits for the right to make or rotate keys; held until the transaction ends. */
export async function lockSigningKeys(tx: Transaction): Promise<void> {
  await tx`select pg_advisory_xact_lock(${SIGNING_KEYS_LOCK.toString()}::bigint)`;
}

/** Reads every key that is published: active first, so that it is the one that signs. */
export async function findSigningKeys(db: Database): Promise<SigningKeyRow[]> {
  return db<SigningKeyRow[]>`
    select kid, alg, public_jwk as "publicJwk", private_sealed as "privateSealed", status
    from auth.signing_keys where status <> 'gone'
    order by status <> 'active', alg, created_at desc`;
}

/** Writes a new key. */
export async function insertSigningKey(tx: Transaction, key: SigningKeyRow): Promise<void> {
  const activatedAt = key.status === 'active' ? tx`now()` : null;
  await tx`
    insert into auth.signing_keys (kid, alg, public_jwk, private_sealed, status, activated_at)
    values (${key.kid}, ${key.alg}, ${tx.json(key.publicJwk as never)}, ${key.privateSealed},
      ${key.status}, ${activatedAt})`;
}

/** Tells every replica, on commit, to read the keys again. */
export async function notifySigningKeys(tx: Transaction): Promise<void> {
  await tx`select pg_notify(${SIGNING_KEYS_CHANNEL}, '')`;
}

/** For how long an algorithm's keys have been what they are, in seconds. */
export type KeyAges = {
  readonly activeForSec?: number;
  /** Since the next key was published. */
  readonly nextForSec?: number;
};

/** Reads how old the active and the next key of an algorithm are. */
export async function findKeyAges(tx: Transaction, alg: SigningAlg): Promise<KeyAges> {
  const rows = await tx<{ status: 'active' | 'next'; ageSec: number }[]>`
    select status, max(extract(epoch from now() -
      case status when 'active' then activated_at else created_at end))::float8 as "ageSec"
    from auth.signing_keys where alg = ${alg} and status in ('active', 'next') group by status`;
  const ageOf = (status: string) => rows.find((row) => row.status === status)?.ageSec;
  const [activeForSec, nextForSec] = [ageOf('active'), ageOf('next')];
  return {
    ...(activeForSec === undefined ? {} : { activeForSec }),
    ...(nextForSec === undefined ? {} : { nextForSec }),
  };
}

/**
 * The next key of an algorithm becomes active.
 *
 * @param previous what becomes of the active one: published until its tokens are gone, or
 * forgotten at once.
 */
export async function promoteNextKey(
  tx: Transaction,
  alg: SigningAlg,
  previous: 'retired' | 'gone',
): Promise<void> {
  await tx`
    update auth.signing_keys set status = ${previous}, retired_at = now(),
      private_sealed = case when ${previous} = 'gone' then null else private_sealed end
    where alg = ${alg} and status = 'active'`;
  await tx`
    update auth.signing_keys set status = 'active', activated_at = now()
    where kid = (select kid from auth.signing_keys where alg = ${alg} and status = 'next'
      order by created_at limit 1)`;
}

/** Forgets the private half of keys that were retired long enough ago, and unpublishes them. */
export async function dropRetiredKeys(tx: Transaction, retiredForSec: number): Promise<number> {
  const rows = await tx`
    update auth.signing_keys set status = 'gone', private_sealed = null
    where status = 'retired' and retired_at < now() - make_interval(secs => ${retiredForSec})
    returning 1`;
  return rows.length;
}

/** Puts another sealing of the same private key in the place of one; false when it changed. */
export async function replaceSealedKey(
  db: Database,
  kid: string,
  change: { from: Buffer; to: Buffer },
): Promise<boolean> {
  const rows = await db`
    update auth.signing_keys set private_sealed = ${change.to}
    where kid = ${kid} and private_sealed = ${change.from} returning 1`;
  return rows.length > 0;
}
