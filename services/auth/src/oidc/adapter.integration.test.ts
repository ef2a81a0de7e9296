import { connectDatabase, type Sql } from '@clearinghouse/shared';
import { createTestDatabase, type TestDatabase } from '@clearinghouse/testing';
import { errors } from 'oidc-provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findClient } from '../clients/client-store.ts';
import { createSealer } from '../secrets/sealer.ts';
import { createAdapterFactory } from './adapter.ts';
import { markCodeAnswered } from './one-time-code-store.ts';

const CLIENT = `app_${'0'.repeat(24)}`;

describe('storage of oidc-provider', () => {
  let database: TestDatabase;
  const pools: Sql[] = [];
  const sealer = createSealer(Buffer.alloc(32, 7));
  let one: ReturnType<typeof createAdapterFactory>;
  let two: ReturnType<typeof createAdapterFactory>;

  beforeAll(async () => {
    database = await createTestDatabase();
    const open = () => {
      const url = database.url('auth_app');
      const db = connectDatabase({ url, applicationName: 'test', connectionsMax: 8 });
      pools.push(db);
      return createAdapterFactory({
        db,
        sealer,
        announce: () => undefined,
        findClient: (id) => findClient(db, id),
      });
    };
    one = open();
    two = open();
  });

  afterAll(async () => {
    await Promise.all(pools.map((pool) => pool.end()));
    await database.drop();
  });

  const db = () => pools[0] as Sql;
  const grant = async (id: string) => {
    await one('Grant').upsert(id, { accountId: 'usr', clientId: CLIENT }, 600);
    return id;
  };

  it('of many that are read at once each is its own; unknown, other and expired ones are not there', async () => {
    const grantId = await grant('grant-many');
    const ids = Array.from({ length: 150 }, (_, index) => `many-${index}`);
    for (const id of ids) {
      const payload = { grantId, clientId: CLIENT, accountId: id };
      await one('AccessToken').upsert(id, payload, id.endsWith('7') ? 0 : 60);
    }
    const expected = ids.map((id) => (id.endsWith('7') ? undefined : id));
    const read = (model: string, prefix = '') =>
      Promise.all(
        ids.map(async (id) => {
          const found = await two(model).find(`${prefix}${id}`);
          return found?.accountId;
        }),
      );
    const [own, other, unknown] = await Promise.all([
      read('AccessToken'),
      read('RefreshToken'),
      read('AccessToken', 'no-'),
    ]);
    expect(own).toEqual(expected);
    expect([...other, ...unknown].every((found) => found === undefined)).toBe(true);
  });

  it.each(Array.from({ length: 10 }, (_, round) => round))(
    'S2: of 8 parallel redemptions over 2 processes exactly one succeeds, round %i',
    async (round) => {
      const grantId = await grant(`grant-${round}`);
      const code = `code-${round}`;
      await one('AuthorizationCode').upsert(code, { grantId, clientId: CLIENT }, 60);
      await one('RefreshToken').upsert(`rt-${round}`, { grantId, clientId: CLIENT }, 60);
      const adapters = [one, two, one, two, one, two, one, two];
      const results = await Promise.allSettled(
        adapters.map((adapter) => adapter('AuthorizationCode').consume(code)),
      );
      expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
      for (const result of results) {
        if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(errors.InvalidGrant);
      }
      // While the winner is being answered nobody has stolen anything.
      expect(await two('RefreshToken').find(`rt-${round}`)).toBeDefined();
      // Once it has its tokens, to see the code again is a theft: nothing under the grant lives on.
      await markCodeAnswered(db(), 'AuthorizationCode', code);
      const late = one('AuthorizationCode').consume(code);
      await expect(late).rejects.toBeInstanceOf(errors.InvalidGrant);
      expect(await two('RefreshToken').find(`rt-${round}`)).toBeUndefined();
      expect(await two('Grant').find(grantId)).toBeUndefined();
      const [status] = await db()`
        select status, app_id from identity.principal_status
        where kind = 'grant' and id = ${grantId}`;
      expect(status).toEqual({ status: 'revoked', app_id: CLIENT });
    },
  );

  it('gives a consumed artifact back as consumed', async () => {
    const grantId = await grant('grant-consumed');
    await one('RefreshToken').upsert('rt-consumed', { grantId, clientId: CLIENT }, 60);
    await one('RefreshToken').consume('rt-consumed');
    const found = await two('RefreshToken').find('rt-consumed');
    expect(found).toMatchObject({ jti: 'rt-consumed', grantId, consumed: expect.any(Number) });
  });

  it('S17: writes no token under a grant that was revoked', async () => {
    const grantId = await grant('grant-revoked');
    await one('Grant').destroy(grantId);
    const write = two('RefreshToken').upsert('rt-late', { grantId, clientId: CLIENT }, 60);
    await expect(write).rejects.toBeInstanceOf(errors.InvalidGrant);
    expect(await two('RefreshToken').find('rt-late')).toBeUndefined();
  });

  it('S17: leaves no live token when a revocation and a refresh race', async () => {
    for (let round = 0; round < 20; round += 1) {
      const grantId = await grant(`grant-race-${round}`);
      const child = { grantId, clientId: CLIENT };
      await Promise.allSettled([
        one('RefreshToken').upsert(`rt-race-${round}`, child, 60),
        two('Grant').destroy(grantId),
        two('RefreshToken').upsert(`rt-race2-${round}`, child, 60),
      ]);
      const rows = await db()`
        select 1 from auth.oidc_artifacts where grant_id = ${grantId}`;
      expect(rows).toHaveLength(0);
    }
  });

  it('finds a session by its uid and a device request by its code, with their ids', async () => {
    await one('Session').upsert('session-secret', { uid: 'uid-1', accountId: 'usr' }, 60);
    const device = { userCode: 'ABCDEFGH', clientId: CLIENT };
    await one('DeviceCode').upsert('device-secret', device, 60);
    expect(await two('Session').findByUid('uid-1')).toMatchObject({ jti: 'session-secret' });
    expect(await two('DeviceCode').findByUserCode('ABCDEFGH')).toMatchObject({
      jti: 'device-secret',
      userCode: 'ABCDEFGH',
    });
    expect(await two('DeviceCode').find('device-secret')).toMatchObject({ userCode: 'ABCDEFGH' });
  });

  it('keeps no id and no user code in clear', async () => {
    const rows = await db()`select oidc_artifacts::text as row from auth.oidc_artifacts`;
    const text = rows.map(({ row }) => String(row)).join('\n');
    for (const secret of ['session-secret', 'device-secret', 'ABCDEFGH', 'rt-consumed']) {
      expect(text).not.toContain(secret);
      expect(text).not.toContain(Buffer.from(secret).toString('hex'));
    }
  });

  it('finds nothing that has expired, and consumes it neither', async () => {
    await one('Interaction').upsert('old', { returnTo: '/' }, -1);
    expect(await one('Interaction').find('old')).toBeUndefined();
    await expect(one('Interaction').consume('old')).rejects.toBeInstanceOf(errors.InvalidGrant);
  });

  it('keeps models apart', async () => {
    await one('Interaction').upsert('same-id', { returnTo: '/' }, 60);
    expect(await one('ReplayDetection').find('same-id')).toBeUndefined();
  });

  it('gives a fresh copy at each find', async () => {
    await one('Interaction').upsert('copy', { returnTo: '/' }, 60);
    const first = await one('Interaction').find('copy');
    expect(await one('Interaction').find('copy')).not.toBe(first);
  });

  it('does not let oidc-provider write clients', async () => {
    await expect(one('Client').upsert('x', {}, 1)).rejects.toThrow();
    expect(await one('Client').find('x')).toBeUndefined();
  });
});
