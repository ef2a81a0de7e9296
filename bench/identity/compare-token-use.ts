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
  { ...stack }: BenchStack,
  plain: PlainProvider,
): Promise<Record<string, Compared>> {
  const seeded = await seedTokens(stack, SIGN_INS);
  const { authOrigin } = stack;
  const introspect = (origin: string, path: string, client: string, token: string) =>
    always(origin, postForm(origin, { path, client, form: { token } }));
  const refresh =
    (origin: string, path: string, client: string, tokens: readonly string[]) =>
    (index: number): NextRequest => {
      let token = tokens[index] ?? '';
      return (lastBody) => {
        if (lastBody.length > 0) token = JSON.parse(lastBody.toString()).refresh_token ?? token;
        const form = { grant_type: 'refresh_token', refresh_token: token };
        return postForm(origin, { path, client, form });
      };
    };
  return {
    opaqueIntrospection: await compareRates(
      introspect(authOrigin, `${ISSUER_PATH}/token/introspection`, seeded.client, seeded.opaque),
      introspect(plain.origin, '/token/introspection', PLAIN_CLIENT, plain.opaque),
    ),
    refreshWithRotation: await compareRates(
      {
        origin: authOrigin,
        makeCaller: refresh(
          authOrigin,
          `${ISSUER_PATH}/token`,
          seeded.client,
          seeded.refreshTokens,
        ),
      },
      {
        origin: plain.origin,
        makeCaller: refresh(plain.origin, '/token', PLAIN_CLIENT, plain.refreshTokens),
      },
    ),
  };
}
