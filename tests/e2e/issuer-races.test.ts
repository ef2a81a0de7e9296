import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authorize, codeIn } from '../../scripts/conformance/agent/relying-party.ts';
import { UserAgent } from '../../scripts/conformance/agent/user-agent.ts';
import { openSuite, REDIRECT_URI, type Suite } from '../../scripts/conformance/suite.ts';
import { type IssuerCluster, startIssuerCluster } from './fixture/start-issuer-cluster.ts';

const ROUNDS = 100;
const PARALLEL = 8;
const MANY = 50;

type Answer = { readonly status: number; readonly body: Record<string, string> };

describe('codes and refresh tokens, redeemed at once over two processes of auth', () => {
  let cluster: IssuerCluster;
  let suite: Suite;
  const agent = new UserAgent();
  beforeAll(async () => {
    cluster = await startIssuerCluster(['auth-1', 'auth-2']);
    const { origin, makeClient } = cluster;
    suite = await openSuite({ ...cluster, url: `${origin}/api/v1/oidc`, makeClient }, 0);
  });
  afterAll(() => cluster?.stop());

  /** A connection of its own, so that the processes serve by turns. */
  const ask = async (form: Record<string, string>): Promise<Answer> => {
    const { clientId, clientSecret } = suite.client;
    const basic = Buffer.from(`${clientId}:${clientSecret}`).toString('base64');
    const response = await fetch(suite.metadata.token_endpoint, {
      method: 'POST',
      headers: { authorization: `Basic ${basic}`, connection: 'close' },
      body: new URLSearchParams(form),
    });
    return { status: response.status, body: (await response.json()) as Answer['body'] };
  };
  const nextCode = async (scope = 'openid') => {
    const prompt = scope === 'openid' ? {} : { prompt: 'consent' };
    return codeIn(suite, (await authorize(suite, { scope, ...prompt }, agent)).response);
  };
  const redeem = (code: string) =>
    ask({ grant_type: 'authorization_code', code, redirect_uri: REDIRECT_URI });
  const refresh = (token = '') => ask({ grant_type: 'refresh_token', refresh_token: token });
  const family = async () =>
    (await redeem(await nextCode('openid offline_access'))).body.refresh_token;
  /** What a client keeps that refreshes at many places at once: the answer that came last. */
  const refreshAtOnce = async (token: string | undefined, times: number) => {
    let last: string | undefined;
    const statuses = await Promise.all(
      Array.from({ length: times }, async () => {
        const { status, body } = await refresh(token);
        last = body.refresh_token ?? last;
        return status;
      }),
    );
    return { last, statuses };
  };

  it(`of ${PARALLEL} redemptions of a code exactly one succeeds, ${ROUNDS} rounds`, async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const code = await nextCode();
      const answers = await Promise.all(Array.from({ length: PARALLEL }, () => redeem(code)));
      const codes = answers.map(({ status, body }) => (status === 200 ? 'ok' : body.error));
      const losers = Array.from({ length: PARALLEL - 1 }, () => 'invalid_grant');
      expect(codes.sort(), `round ${round}`).toEqual([...losers, 'ok']);
    }
  });

  it(`${PARALLEL} refreshes at once sign nobody out, ${ROUNDS} rounds`, async () => {
    let token = await family();
    for (let round = 0; round < ROUNDS; round += 1) {
      const { last, statuses } = await refreshAtOnce(token, PARALLEL);
      expect(new Set(statuses), `round ${round}`).toEqual(new Set([200]));
      token = last;
    }
    expect((await refresh(token)).status).toBe(200);
  });

  it(`${MANY} refreshes at once sign nobody out`, async () => {
    const { last, statuses } = await refreshAtOnce(await family(), MANY);
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect((await refresh(last)).status).toBe(200);
  });

  it('a stolen old token ends the family, for the thief and for the owner', async () => {
    const stolen = await family();
    const second = (await refresh(stolen)).body.refresh_token;
    const third = (await refresh(second)).body.refresh_token;
    expect((await refresh(stolen)).body.error).toBe('invalid_grant');
    expect((await refresh(third)).body.error).toBe('invalid_grant');
  });
});
