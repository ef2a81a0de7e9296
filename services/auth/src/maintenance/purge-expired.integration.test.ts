import { connectDatabase, createLog, type Sql } from '@clearinghouse/shared';
import { createTestDatabase, type TestDatabase } from '@clearinghouse/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LIMITS } from '../limits.ts';
import { purgeExpired } from './purge-expired.ts';

describe('purging', () => {
  let database: TestDatabase;
  let db: Sql;
  beforeAll(async () => {
    database = await createTestDatabase();
    db = connectDatabase({ url: database.url('auth_app'), applicationName: 'test' });
  });
  afterAll(async () => {
    await db.end();
    await database.drop();
  });

  it('deletes all that has expired, over several batches, and nothing else', async () => {
    const expired = LIMITS.purgeBatch * 2 + 1;
    await db`
      insert into auth.oidc_artifacts (model, id_hash, payload, expires_at)
      select 'AccessToken', sha256(n::text::bytea), '{}',
        now() + case when n > ${expired} then 1 else -1 end * interval '1 hour'
      from generate_series(1, ${expired + 3}) n`;
    await db`
      insert into auth.idempotency_keys (scope, key, input_hash, created_at)
      values ('a', 'old', '\\x00', now() - interval '8 days'), ('a', 'new', '\\x00', now())`;
    const log = createLog({ service: 'test', level: 'silent' });
    expect(await purgeExpired({ db, log })).toBe(expired + 1);
    expect(await db`select 1 from auth.oidc_artifacts`).toHaveLength(3);
    expect(await db`select key from auth.idempotency_keys`).toEqual([{ key: 'new' }]);
    expect(await purgeExpired({ db, log })).toBe(0);
  });

  it('forgets links, challenges and sessions of people whose time is over', async () => {
    const account = `acc_${'0'.repeat(24)}`;
    await db`insert into auth.accounts (id) values (${account})`;
    for (const hours of [-1, 1]) {
      const at = db`now() + ${hours} * interval '1 hour'`;
      const name = `${hours}`;
      await db`
        insert into auth.mail_tokens (token_sha256, purpose, email, expires_at)
        values (sha256(${name}::text::bytea), 'sign_up', 'a@example.org', ${at})`;
      await db`
        insert into auth.sign_in_challenges (id_sha256, kind, holder, expires_at)
        values (sha256(${name}::text::bytea), 'wallet', 'x', ${at})`;
      await db`
        insert into auth.account_sessions (session_uid, account_id, ends_at)
        values (${name}, ${account}, ${at})`;
    }
    const log = createLog({ service: 'test', level: 'silent' });
    expect(await purgeExpired({ db, log })).toBe(3);
    expect(await db`select session_uid as uid from auth.account_sessions`).toEqual([{ uid: '1' }]);
    expect(await db`select 1 from auth.mail_tokens`).toHaveLength(1);
    expect(await db`select 1 from auth.sign_in_challenges`).toHaveLength(1);
  });
});
