import type { BenchStack } from '../payments/bench-stack.ts';
import { always, ISSUER_PATH, PLAIN_CLIENT, postForm, type Target } from './compare-rates.ts';
import { seedTokens } from './seed-tokens.ts';
import type { PlainProvider } from './start-plain-provider.ts';

/** Sign-ins whose refresh tokens are rotated, one for each caller. */
const SIGN_INS = 16;

/** The same request to ours and to the plain provider. */
export type Pair = { readonly ours: Target; readonly plain: Target };

/** Requests of the token endpoints, by what is asked. */
export type IdentityTargets = {
  readonly clientCredentials: Pair;
  readonly introspection: Pair;
  readonly refresh: Pair;
};

/** Client credentials, introspection of an opaque token, and refresh with rotation. */
export async function identityTargets(
  stack: BenchStack,
  plain: PlainProvider,
): Promise<IdentityTargets> {
  const { publicClientId, refreshTokens, opaque } = await seedTokens(stack, SIGN_INS);
  const { authOrigin, seeded } = stack;
  const machine = `${seeded.app.m2mClientId}:${seeded.app.m2mClientSecret}`;
  const post = (path: string, ours: Form, theirs: Form): Pair => ({
    ours: always(
      authOrigin,
      postForm(authOrigin, { path: `${ISSUER_PATH}${path}`, client: machine, form: ours }),
    ),
    plain: always(
      plain.origin,
      postForm(plain.origin, { path, client: PLAIN_CLIENT, form: theirs }),
    ),
  });
  const credentials = { grant_type: 'client_credentials', scope: 'sign:job' };
  return {
    clientCredentials: post('/token', credentials, credentials),
    introspection: post('/token/introspection', { token: opaque }, { token: plain.opaque }),
    refresh: {
      ours: refreshing(authOrigin, refreshTokens, (form) =>
        postForm(authOrigin, {
          path: `${ISSUER_PATH}/token`,
          form: { ...form, client_id: publicClientId },
        }),
      ),
      plain: refreshing(plain.origin, plain.refreshTokens, (form) =>
        postForm(plain.origin, { path: '/token', client: PLAIN_CLIENT, form }),
      ),
    },
  };
}

type Form = Readonly<Record<string, string>>;

/** Each caller rotates a token of its own: each answer's token is sent next. */
function refreshing(
  origin: string,
  tokens: readonly string[],
  post: (form: Form) => Buffer,
): Target {
  // A token lives on when the load stops and begins again.
  const held = [...tokens];
  return {
    origin,
    makeCaller: (index) => (lastBody) => {
      if (lastBody.length > 0) {
        held[index] = JSON.parse(lastBody.toString()).refresh_token ?? held[index];
      }
      return post({ grant_type: 'refresh_token', refresh_token: held[index] ?? '' });
    },
  };
}
