import { ok, type Principal } from '@clearinghouse/shared';
import { createOidcVerifier } from '@pymthouse/clearinghouse-identity-webhook/verifiers';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { createApiKeyAuthenticator } from '../../services/signer/src/authorize/authenticate-api-key.ts';
import { makeApiKey } from '../../services/signer/src/testing/make-api-key.ts';

/** CPU of one verification in this process, microseconds. */
export type Verifiers = {
  /** Our signer's check of a key that it asked about in the last five seconds. */
  readonly ourKeyMicros: number;
  /** The identity webhook of others: a composite key that it exchanged within the last minute. */
  readonly theirKeyMicros: number;
  /** The same, with a token of the issuer. */
  readonly theirTokenMicros: number;
};

const ISSUER = 'http://127.0.0.1:1/api/v1/oidc';
const AUDIENCE = 'urn:bench';
const APP = 'app_0123456789abcdef01234567';
const WARM = 20_000;
const ROUNDS = 100_000;

/** Compares what a request costs once its credential is known. */
export async function compareVerifiers(): Promise<Verifiers> {
  const theirs = await openTheirs();
  const authorization = (credential: string) => ({ authorization: `Bearer ${credential}` });
  const composite = authorization(`${APP}_${'k'.repeat(64)}`);
  const token = authorization(theirs.token);
  const key = makeApiKey('live');
  const principal: Principal = {
    appId: APP,
    subject: 'app',
    keyId: 'key_1',
    attribution: 'gateway',
  };
  const ours = createApiKeyAuthenticator({
    clock: { monotonicMs: () => 0 },
    askCredentials: async () => ok({ answers: [{ ok: true, principal }] }),
  });
  return {
    ourKeyMicros: await microsOf(() => ours.authenticate(key, false), ROUNDS),
    theirKeyMicros: await microsOf(() => theirs.verifier.verify(composite as never), ROUNDS),
    theirTokenMicros: await microsOf(() => theirs.verifier.verify(token as never), WARM),
  };
}

/** Their verifier, over an issuer that answers its exchange at once. */
async function openTheirs() {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const jwk = { ...(await exportJWK(publicKey)), kid: 'r', alg: 'RS256', use: 'sig' };
  const token = await new SignJWT({ azp: APP, scope: 'sign:job' })
    .setProtectedHeader({ alg: 'RS256', kid: 'r' })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setSubject('user-1')
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(privateKey);
  const verifier = createOidcVerifier({
    jwtIssuer: ISSUER,
    jwtAudience: AUDIENCE,
    jwksUri: `${ISSUER}/jwks`,
    tokenExchangeBaseUrl: 'http://127.0.0.1:1',
    fetchImpl: async (url) =>
      Response.json(String(url).endsWith('/jwks') ? { keys: [jwk] } : { access_token: token }),
  });
  return { verifier, token };
}

async function microsOf(verify: () => unknown, rounds: number): Promise<number> {
  for (let round = 0; round < WARM; round += 1) await verify();
  const before = process.cpuUsage();
  for (let round = 0; round < rounds; round += 1) await verify();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / rounds;
}
