import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LIMITS } from '../limits.ts';
import type { Answer } from '../testing/call-auth.ts';
import { makeAccount, redeem, refresh, type SignedIn, signIn } from '../testing/sign-in.ts';
import { startTestAuth, type TestAuth, type TestReplica } from '../testing/start-test-auth.ts';
import { artifactKey } from './artifact-store.ts';

const REDIRECT = 'https://client.example/cb';
const ROUNDS = 100;
const PARALLEL = 8;

describe('codes and refresh tokens over two replicas', () => {
  let auth: TestAuth;
  let second: TestReplica;
  let client: { clientId: string; redirectUri: string };
  let accountId: string;
  let session: SignedIn;

  beforeAll(async () => {
    auth = await startTestAuth();
    second = await auth.startReplica();
    client = { clientId: auth.seed.publicClientId, redirectUri: REDIRECT };
    const metadata = auth.deps.db.json({ redirect_uris: [REDIRECT] });
    await auth.deps.db`
      update auth.clients set metadata = ${metadata} where id = ${client.clientId}`;
    accountId = await makeAccount(auth);
    session = await signIn(auth, { ...client, accountId });
  });
  afterAll(() => auth.stop());

  const replicaOf = (index: number): TestReplica => (index % 2 === 0 ? auth : second);
  /** A code of the session that stands already: no prompt, its own grant or the session's. */
  const nextCode = (own: boolean) =>
    own
      ? signIn(auth, { ...client, accountId })
      : signIn(auth, { ...client, accountId, jar: session.jar });
  const family = async () =>
    (await redeem(auth, await nextCode(true), client)).body.refresh_token as string;
  const all = (token: string, count: number) =>
    Promise.all(
      Array.from({ length: count }, (_, index) =>
        refresh(auth, token, { ...client, replica: replicaOf(index) }),
      ),
    );
  const codesOf = (answers: readonly Answer[]) =>
    answers.map(({ status, body }) => (status === 200 ? 'ok' : body.error));
  /** What a client has kept of many answers: one of them, whichever came last. */
  const kept = (answers: readonly Answer[], round: number) =>
    answers[round % answers.length]?.body.refresh_token as string;
  const age = (token: string, sec: number) => auth.deps.db`
    update auth.oidc_artifacts set consumed_at = consumed_at - make_interval(secs => ${sec})
    where model = 'RefreshToken' and id_hash = ${artifactKey(token)}`;
  const reuses = async () => {
    const [row] = await auth.deps.db<{ count: number }[]>`
      select count(*)::int as count from auth.audit_log
      where action = 'grant.revoked' and reason = 'refresh token used twice'`;
    return row?.count ?? 0;
  };

  it(`pitfalls 1 and 2, S2: ${PARALLEL} parallel redemptions of one code, ${ROUNDS} rounds: one success each`, async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const signedIn = await nextCode(false);
      const answers = await Promise.all(
        Array.from({ length: PARALLEL }, (_, index) =>
          redeem(auth, signedIn, { ...client, replica: replicaOf(index) }),
        ),
      );
      expect(codesOf(answers).sort(), `round ${round}`).toEqual([
        ...Array.from({ length: PARALLEL - 1 }, () => 'invalid_grant'),
        'ok',
      ]);
    }
  });

  it(`pitfall 3: ${PARALLEL} parallel refreshes, ${ROUNDS} rounds: nobody is signed out, whichever answer is kept`, async () => {
    let token = await family();
    for (let round = 0; round < ROUNDS; round += 1) {
      const answers = await all(token, PARALLEL);
      expect(new Set(codesOf(answers)), `round ${round}`).toEqual(new Set(['ok']));
      token = kept(answers, round);
    }
    expect((await refresh(auth, token, client)).status).toBe(200);
  });

  it('of many families that refresh at once each gets its own tokens, and one used twice ends alone', async () => {
    const tokens = await Promise.all(Array.from({ length: 24 }, family));
    const stolen = await family();
    await refresh(auth, stolen, client);
    await age(stolen, LIMITS.refreshGraceSec + 1);
    const [theft, ...answers] = await Promise.all(
      [stolen, ...tokens].map((token, index) =>
        refresh(auth, token, { ...client, replica: replicaOf(index) }),
      ),
    );
    expect(theft?.body.error).toBe('invalid_grant');
    expect(new Set(codesOf(answers))).toEqual(new Set(['ok']));
    const all = answers.flatMap(({ body }) => [body.access_token, body.refresh_token]);
    expect(new Set(all).size).toBe(2 * tokens.length);
    const provider = auth.deps.issuerParts.provider();
    for (const [index, { body }] of answers.entries()) {
      const parent = await provider.RefreshToken.find(tokens[index] as string);
      const child = await provider.RefreshToken.find(body.refresh_token);
      const access = await provider.AccessToken.find(body.access_token);
      expect([child?.grantId, access?.grantId]).toEqual([parent?.grantId, parent?.grantId]);
    }
  });

  it.each([0, 24, 49])('after 50 refreshes at once answer %i still refreshes', async (index) => {
    const answers = await all(await family(), 50);
    expect(new Set(codesOf(answers))).toEqual(new Set(['ok']));
    expect((await refresh(auth, kept(answers, index), client)).status).toBe(200);
  });

  it('beyond the cap of replays the family ends', async () => {
    const token = await family();
    await refresh(auth, token, client);
    await auth.deps.db`
      update auth.oidc_artifacts set replays = ${LIMITS.refreshReplaysMax}
      where model = 'RefreshToken' and id_hash = ${artifactKey(token)}`;
    expect((await refresh(auth, token, client)).body.error).toBe('invalid_grant');
  });

  it('S15: a stolen old token ends the family, and the audit log says so', async () => {
    const first = await family();
    const second = (await refresh(auth, first, client)).body.refresh_token;
    const third = (await refresh(auth, second, client)).body.refresh_token;
    const before = await reuses();
    // An older ancestor, though all of this took less than the grace.
    expect((await refresh(auth, first, client)).body.error).toBe('invalid_grant');
    expect((await refresh(auth, third, client)).body.error).toBe('invalid_grant');
    expect(await reuses()).toBe(before + 1);
  });

  it('the immediate predecessor after its time ends the family', async () => {
    const first = await family();
    const child = (await refresh(auth, first, client)).body.refresh_token;
    await age(first, LIMITS.refreshGraceSec + 1);
    expect((await refresh(auth, first, client)).body.error).toBe('invalid_grant');
    expect((await refresh(auth, child, client)).body.error).toBe('invalid_grant');
  });

  it('a child whose place another took ends the family: somebody else has the other', async () => {
    const first = await family();
    const one = (await refresh(auth, first, client)).body.refresh_token;
    const other = (await refresh(auth, first, client)).body.refresh_token;
    const next = await refresh(auth, one, client);
    expect(next.status).toBe(200);
    expect((await refresh(auth, other, client)).body.error).toBe('invalid_grant');
    expect((await refresh(auth, next.body.refresh_token, client)).body.error).toBe('invalid_grant');
  });

  it('a theft is seen even when the thief refreshed within the grace', async () => {
    const first = await family();
    const owner = (await refresh(auth, first, client)).body.refresh_token;
    const thief = (await refresh(auth, first, client)).body.refresh_token;
    const further = await refresh(auth, thief, client);
    expect(further.status).toBe(200);
    // The child that the owner holds lost its place; the owner comes back some time later.
    expect((await refresh(auth, owner, client)).body.error).toBe('invalid_grant');
    expect((await refresh(auth, further.body.refresh_token, client)).body.error).toBe(
      'invalid_grant',
    );
  });

  it('S17: a revocation that races with a refresh leaves no live token', async () => {
    for (let round = 0; round < 20; round += 1) {
      const token = await family();
      const provider = auth.deps.issuerParts.provider();
      const found = await provider.RefreshToken.find(token);
      const grantId = found?.grantId ?? '';
      const [answers] = await Promise.all([all(token, 4), provider.Grant.adapter.destroy(grantId)]);
      const rows = await auth.deps.db`
        select 1 from auth.oidc_artifacts where grant_id = ${grantId}`;
      expect(rows).toHaveLength(0);
      for (const { body } of answers) {
        if (!body.refresh_token) continue;
        expect((await refresh(auth, body.refresh_token, client)).status).toBe(400);
      }
    }
  });

  it('S16: a refresh neither widens the scope nor changes the resource', async () => {
    const token = await family();
    const wider = await callRefresh(token, { scope: 'openid email' });
    expect(wider.body.error).toBe('invalid_scope');
    const elsewhere = await callRefresh(token, { resource: auth.config.managementAudience });
    expect(elsewhere.body.error).toBe('invalid_target');
    const [parent] = await auth.deps.db`
      select consumed_at from auth.oidc_artifacts
      where model = 'RefreshToken' and id_hash = ${artifactKey(token)}`;
    expect(parent?.consumed_at, 'a refused refresh uses nothing up').toBeNull();
    expect((await refresh(auth, token, client)).status).toBe(200);
  });

  const callRefresh = (token: string, more: Record<string, string>) =>
    refresh(auth, token, { ...client, form: more });

  it('a token that was introspected or revoked by hand was not used', async () => {
    const token = await family();
    const child = (await refresh(auth, token, client)).body.refresh_token;
    const provider = auth.deps.issuerParts.provider();
    expect((await provider.RefreshToken.find(token))?.isValid).toBe(false);
    expect((await provider.RefreshToken.find(child))?.isValid).toBe(true);
    expect((await refresh(auth, child, client)).status).toBe(200);
  });
});
