import { startBenchStack } from '../payments/bench-stack.ts';
import { requestBytes } from './http-connection.ts';
import { measureRate, type Rate } from './measure-rate.ts';
import { startPlainProvider } from './start-plain-provider.ts';

const PLAIN_CLIENT = 'bench:bench-secret-bench-secret-bench-secret';
const ISSUER_PATH = '/api/v1/oidc';
const FORM = 'application/x-www-form-urlencoded';

/** Ours beside plain oidc-provider in memory, in the same minutes on the same machine. */
export type Compared = { readonly ours: Rate; readonly plain: Rate; readonly ratio: number };

/** Measures the issuer: the same request to ours over Postgres and to the plain one in memory. */
export async function runIdentityBench(): Promise<Record<string, Compared>> {
  const stack = await startBenchStack({ backend: 'redis' });
  const plain = await startPlainProvider();
  try {
    const { m2mClientId, m2mClientSecret } = stack.seeded.app;
    const ours = stack.authOrigin;
    const oursToken = `${ISSUER_PATH}/token`;
    const compare = (ourRequest: Buffer, plainRequest: Buffer) =>
      compareRates({ origin: ours, request: ourRequest }, { ...plain, request: plainRequest });
    const read = (origin: string, path: string) => requestBytes(origin, { method: 'GET', path });
    const asked = (origin: string, path: string, secret: string) =>
      requestBytes(origin, {
        method: 'POST',
        path,
        headers: { Authorization: basic(secret), 'Content-Type': FORM },
        body: 'grant_type=client_credentials&scope=sign%3Ajob',
      });
    const discovery = '/.well-known/openid-configuration';
    return {
      clientCredentialsEs256: await compare(
        asked(ours, oursToken, `${m2mClientId}:${m2mClientSecret}`),
        asked(plain.origin, '/token', PLAIN_CLIENT),
      ),
      discovery: await compare(
        read(ours, `${ISSUER_PATH}${discovery}`),
        read(plain.origin, discovery),
      ),
      jwks: await compare(read(ours, `${ISSUER_PATH}/jwks`), read(plain.origin, '/jwks')),
    };
  } finally {
    plain.stop();
    await stack.stop();
  }
}

type Target = { readonly origin: string; readonly request: Buffer };

async function compareRates(our: Target, other: Target): Promise<Compared> {
  const ours = await measureRate(our.origin, () => () => our.request);
  const plain = await measureRate(other.origin, () => () => other.request);
  return { ours, plain, ratio: ours.perSecond / plain.perSecond };
}

function basic(secret: string): string {
  return `Basic ${Buffer.from(secret).toString('base64')}`;
}
