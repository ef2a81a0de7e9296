import { createHmac, timingSafeEqual } from 'node:crypto';

/** Tokens of forms: one per interaction or session, so that none fits another's. */
export type Csrf = {
  readonly tokenFor: (holder: string) => string;
  readonly matches: (holder: string, token: string | undefined) => boolean;
};

/** @param keys of cookies: the first makes tokens, all are accepted. */
export function createCsrf(keys: readonly string[]): Csrf {
  const [first] = keys;
  if (first === undefined) throw new Error('a key for form tokens is needed');
  const make = (key: string, holder: string) =>
    createHmac('sha256', key).update(`form token\0${holder}`).digest();
  return {
    tokenFor: (holder) => make(first, holder).toString('base64url'),
    matches: (holder, token) => {
      const given = Buffer.from(token ?? '', 'base64url');
      return keys.some((key) => {
        const expected = make(key, holder);
        return given.length === expected.length && timingSafeEqual(given, expected);
      });
    },
  };
}
