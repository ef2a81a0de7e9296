import type { BenchStack } from '../payments/bench-stack.ts';
import {
  always,
  type Compared,
  compareRates,
  ISSUER_PATH,
  PLAIN_CLIENT,
  postForm,
} from './compare-rates.ts';
import type { NextRequest } from './measure-rate.ts';
import { seedTokens } from './seed-tokens.ts';
import type { PlainProvider } from './start-plain-provider.ts';

/** Sign-ins whose refresh tokens are rotated, one for each caller. */
const SIGN_INS = 16;

/** Introspection of an opaque token, and refresh with rotation: each answer's token is sent next. */
export async function compareTokenUse(
  stack: BenchStack,
  plain: PlainProvider,
): Promise<Record<string, Compared>> {
  const { publicClientId, refreshTokens, opaque } = await seedTokens(stack, SIGN_INS);
  const { authOrigin, seeded } = stack;
  const machine = `${seeded.app.m2mClientId}:${seeded.app.m2mClientSecret}`;
  const path = '/token/introspection';
  const ours = { path: `${ISSUER_PATH}${path}`, client: machine, form: { token: opaque } };
  const theirs = { path, client: PLAIN_CLIENT, form: { token: plain.opaque } };
  return {
    opaqueIntrospection: await compareRates(
      always(authOrigin, postForm(authOrigin, ours)),
      always(plain.origin, postForm(plain.origin, theirs)),
    ),
    refreshWithRotation: await compareRates(
      refreshing(authOrigin, refreshTokens, (form) =>
        postForm(authOrigin, {
          path: `${ISSUER_PATH}/token`,
          form: { ...form, client_id: publicClientId },
        }),
      ),
      refreshing(plain.origin, plain.refreshTokens, (form) =>
        postForm(plain.origin, { path: '/token', client: PLAIN_CLIENT, form }),
      ),
    ),
  };
}

/** Each caller rotates a token of its own. */
function refreshing(
  origin: string,
  tokens: readonly string[],
  post: (form: Record<string, string>) => Buffer,
): { origin: string; makeCaller: (index: number) => NextRequest } {
  return {
    origin,
    makeCaller: (index) => {
      let token = tokens[index] ?? '';
      return (lastBody) => {
        if (lastBody.length > 0) token = JSON.parse(lastBody.toString()).refresh_token ?? token;
        return post({ grant_type: 'refresh_token', refresh_token: token });
      };
    },
  };
}
