import { randomBytes } from 'node:crypto';

/** The prefixes of every id that leaves a service. */
export const ID_PREFIXES = [
  'app',
  'usr',
  'key',
  'm2m',
  'web',
  'txn',
  'grant',
  'acc',
  'team',
  'inv',
] as const;
export type IdPrefix = (typeof ID_PREFIXES)[number];

/** An id such as `app_5f0c…`: a prefix that says what it names, and 24 hex digits. */
export type Id<P extends IdPrefix> = `${P}_${string}` & { readonly __id: P };

export type AppId = Id<'app'>;
export type UserId = Id<'usr'>;
export type AccountId = Id<'acc'>;
export type KeyId = Id<'key'>;
export type MachineClientId = Id<'m2m'>;

const RANDOM_BYTES = 12;
const ID_BODY = /^[0-9a-f]{24}$/;

/** Mints an id of 96 random bits. */
export function newId<P extends IdPrefix>(prefix: P): Id<P> {
  return `${prefix}_${randomBytes(RANDOM_BYTES).toString('hex')}` as Id<P>;
}

/** Parses an id of one kind; `undefined` for any other text. */
export function parseId<P extends IdPrefix>(prefix: P, text: string): Id<P> | undefined {
  const body = text.slice(prefix.length + 1);
  return text.startsWith(`${prefix}_`) && ID_BODY.test(body) ? (text as Id<P>) : undefined;
}
