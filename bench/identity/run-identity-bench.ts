import { type BenchStack, startBenchStack } from '../payments/bench-stack.ts';
import { always, type Compared, compareRates, ISSUER_PATH } from './compare-rates.ts';
import { compareVerifiers } from './compare-verifiers.ts';
import { requestBytes } from './http-connection.ts';
import { identityTargets } from './identity-targets.ts';
import { measureKeyChecks } from './measure-key-checks.ts';
import { type PlainProvider, startPlainProvider } from './start-plain-provider.ts';

/** Measures the issuer: the same request to ours over Postgres and to the plain one in memory. */
export async function runIdentityBench(): Promise<Record<string, unknown>> {
  const verifiers = await compareVerifiers();
  // All callers have one address, and would be held to its bound within seconds.
  const extra = { auth: { RATE_LIMIT_FACTOR: '10000' } };
  const stack = await startBenchStack({ backend: 'redis', extra });
  const plain = await startPlainProvider();
  try {
    return {
      ...(await comparePublished(stack, plain)),
      ...(await compareTokens(stack, plain)),
      keyChecks: await measureKeyChecks(stack),
      verifiers,
    };
  } finally {
    plain.stop();
    await stack.stop();
  }
}

async function comparePublished(
  { authOrigin }: BenchStack,
  { origin }: PlainProvider,
): Promise<Record<string, Compared>> {
  const read = (from: string, path: string) =>
    always(from, requestBytes(from, { method: 'GET', path }));
  const discovery = '/.well-known/openid-configuration';
  return {
    discovery: await compareRates(
      read(authOrigin, `${ISSUER_PATH}${discovery}`),
      read(origin, discovery),
    ),
    jwks: await compareRates(read(authOrigin, `${ISSUER_PATH}/jwks`), read(origin, '/jwks')),
  };
}

async function compareTokens(
  stack: BenchStack,
  plain: PlainProvider,
): Promise<Record<string, Compared>> {
  const { clientCredentials, introspection, refresh } = await identityTargets(stack, plain);
  return {
    clientCredentialsEs256: await compareRates(clientCredentials.ours, clientCredentials.plain),
    opaqueIntrospection: await compareRates(introspection.ours, introspection.plain),
    refreshWithRotation: await compareRates(refresh.ours, refresh.plain),
  };
}
