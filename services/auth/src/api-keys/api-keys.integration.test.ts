import { randomBytes } from 'node:crypto';
import {
  connectQueue,
  createAsker,
  createLog,
  credentialReplySchema,
  type QueueConnection,
} from '@clearinghouse/shared';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashSecret, mintSecret } from '../secrets/generated-secret.ts';
import { parsePeppers } from '../secrets/pepper.ts';
import { call } from '../testing/call-auth.ts';
import { signerQueueKeys, startTestAuth, type TestAuth } from '../testing/start-test-auth.ts';
import { createLastUsedTracker } from './track-last-used.ts';
import { verifyApiKeys } from './verify-api-keys.ts';

describe('API keys', () => {
  let auth: TestAuth;
  let keys: string;
  let signer: QueueConnection;
  let ask: (
    items: { key: string; fromBrowser?: boolean }[],
  ) => Promise<readonly { ok: boolean; [name: string]: unknown }[]>;

  beforeAll(async () => {
    auth = await startTestAuth();
    keys = `${auth.url}/api/v1/apps/${auth.seed.app.id}/keys`;
    signer = connectQueue({
      ...auth.queue.connection('signer'),
      service: 'signer',
      replicaId: 'signer-test',
      keys: signerQueueKeys(),
      log: createLog({ service: 'test', level: 'silent' }),
    });
    const asker = createAsker(signer, 'credential-verify', { replySchema: credentialReplySchema });
    ask = async (items) => {
      const reply = await asker({
        items: items.map(({ key, fromBrowser = false }) => ({
          keySha256: hashSecret(key).toString('hex'),
          fromBrowser,
        })),
      });
      if (!reply.ok) throw new Error(reply.code);
      return reply.value.answers;
    };
  });
  afterAll(async () => {
    await signer.close();
    await auth.stop();
  });

  const create = async (json: object = {}) =>
    (await call(keys, { as: auth.seed.machine, json })).body as { id: string; key: string };

  it('shows a key once: created with it, listed without it', async () => {
    const created = await create({ name: 'CI', mode: 'test' });
    expect(created.key).toMatch(/^lp_sk_test_[0-9A-Za-z]{49}$/);
    const listed = await call(keys, { as: auth.seed.machine });
    expect(listed.body.keys[0]).toMatchObject({ id: created.id, name: 'CI', revokedAt: null });
    expect(listed.text).not.toContain(created.key);
  });

  it('K4, row 7: expires after 90 days unless told', async () => {
    const day = 86_400_000;
    const { expiresAt } = (await create()) as unknown as { expiresAt: string };
    const days = (Date.parse(expiresAt) - Date.now()) / day;
    expect(Math.round(days)).toBe(90);
    const answer = await call(keys, { as: auth.seed.machine, json: { expiresInDays: 400 } });
    expect(answer.status).toBe(400);
  });

  it.each([
    ['an unknown user', { externalUserId: 'nobody' }, 404],
    ['an unknown scope', { scopes: ['admin'] }, 400],
    ['no scope', { scopes: [] }, 400],
    ['an unknown kind', { kind: 'root' }, 400],
  ])('refuses %s', async (_name, json, status) => {
    expect((await call(keys, { as: auth.seed.machine, json })).status).toBe(status);
  });

  describe('credential-verify, over the queue', () => {
    it("a gateway's key is the app's, a user's key the user's", async () => {
      const { key, id } = await create({ externalUserId: 'alice' });
      const user = auth.seed.users.find(({ externalUserId }) => externalUserId === 'alice');
      const answers = await ask([{ key: auth.seed.apiKey.key }, { key }]);
      expect(answers).toEqual([
        {
          ok: true,
          principal: {
            appId: auth.seed.app.id,
            subject: 'app',
            keyId: auth.seed.apiKey.id,
            attribution: 'gateway',
          },
        },
        {
          ok: true,
          principal: {
            appId: auth.seed.app.id,
            subject: user?.id,
            userId: user?.id,
            externalUserId: 'alice',
            keyId: id,
            attribution: 'direct',
          },
        },
      ]);
    });

    it('answers each item, in order; one bad key fails no other', async () => {
      const { key: publishable } = await create({ kind: 'publishable' });
      const { key: reader } = await create({ scopes: ['usage:read'] });
      const { key: ofOneStream } = await create({ resources: ['stream_a'] });
      const { key: ofOneAddress } = await create({ ipAllowlist: ['192.0.2.1'] });
      const answers = await ask([
        { key: mintSecret('lp_sk_live_') },
        { key: auth.seed.apiKey.key },
        { key: auth.seed.apiKey.key, fromBrowser: true },
        { key: publishable, fromBrowser: true },
        { key: reader },
        { key: ofOneStream },
        { key: ofOneAddress },
      ]);
      expect(answers.map((answer) => (answer.ok ? 'ok' : answer.code))).toEqual([
        'invalid_token',
        'ok',
        'browser_key_refused',
        'insufficient_scope',
        'insufficient_scope',
        'insufficient_scope',
        'insufficient_scope',
      ]);
    });

    it('a revoked key is refused by the next question, and stays so', async () => {
      const { key, id } = await create();
      expect((await ask([{ key }]))[0]).toMatchObject({ ok: true });
      const remove = () => call(`${keys}/${id}`, { method: 'DELETE', as: auth.seed.machine });
      expect((await remove()).body).toEqual({ success: true });
      expect((await ask([{ key }]))[0]).toEqual({ ok: false, code: 'invalid_token' });
      expect((await remove()).status).toBe(200);
      const rows = await auth.deps.db`
        select status from identity.principal_status where kind = 'key' and id = ${id}`;
      expect(rows).toEqual([{ status: 'revoked' }]);
    });

    it('an expired key is refused', async () => {
      const { key, id } = await create();
      await auth.deps.db`
        update auth.api_keys set expires_at = now() - interval '1 s' where id = ${id}`;
      expect((await ask([{ key }]))[0]).toEqual({ ok: false, code: 'invalid_token' });
    });

    it('a key of a suspended app or an inactive user is suspended', async () => {
      const { key } = await create({ externalUserId: 'bob' });
      const { db } = auth.deps;
      await db`update auth.app_users set status = 'inactive' where external_user_id = 'bob'`;
      expect((await ask([{ key }]))[0]).toEqual({ ok: false, code: 'suspended' });
      await db`update auth.app_users set status = 'active' where external_user_id = 'bob'`;
      await db`update auth.apps set status = 'suspended' where id = ${auth.seed.app.id}`;
      expect((await ask([{ key }]))[0]).toEqual({ ok: false, code: 'suspended' });
      await db`update auth.apps set status = 'active' where id = ${auth.seed.app.id}`;
      expect((await ask([{ key }]))[0]).toMatchObject({ ok: true });
    });

    it('says why in the audit log only', async () => {
      const rows = await auth.deps.db<{ reason: string }[]>`
        select distinct reason from auth.audit_log
        where action = 'credential.refused' and detail->>'surface' = 'signer'`;
      expect(rows.map(({ reason }) => reason)).toEqual(
        expect.arrayContaining([
          'unknown key',
          'revoked',
          'expired',
          'secret key in browser',
          'app suspended',
          'user inactive',
          'key may not sign',
        ]),
      );
    });
  });

  it('K2: follows a rotated pepper, and moves a key to it when it is used', async () => {
    const { key, id } = await create();
    const [old] = auth.deps.peppers;
    const next = parsePeppers(`2:${randomBytes(32).toString('hex')}`)[0];
    const verify = (peppers: typeof auth.deps.peppers) =>
      verifyApiKeys(
        { ...auth.deps, peppers },
        [{ sha256: hashSecret(key), fromBrowser: false }],
        'test',
      );
    expect((await verify([next]))[0]?.ok).toBe(false);
    expect((await verify([next, old]))[0]?.ok).toBe(true);
    const rows = await auth.deps.db`select pepper_version from auth.api_keys where id = ${id}`;
    expect(rows).toEqual([{ pepper_version: 2 }]);
    expect((await verify([next]))[0]?.ok).toBe(true);
    expect((await verify([old]))[0]?.ok).toBe(false);
  });

  it('K6: writes the last use of a key at most once a minute', async () => {
    const { id } = await create();
    let nowMs = Date.now();
    const tracker = createLastUsedTracker({ ...auth.deps, nowMs: () => nowMs });
    const read = async () => {
      await tracker.flush();
      const [row] = await auth.deps.db<{ at: Date | null }[]>`
        select last_used_at as at from auth.api_keys where id = ${id}`;
      return row?.at?.getTime();
    };
    const first = nowMs;
    for (let use = 0; use < 100; use += 1) tracker.markUsed(id);
    expect(await read()).toBe(first);
    nowMs += 59_000;
    tracker.markUsed(id);
    expect(await read()).toBe(first);
    nowMs += 2_000;
    tracker.markUsed(id);
    expect(await read()).toBe(nowMs);
    await tracker.stop();
  });
});
