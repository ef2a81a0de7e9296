import { createHash } from 'node:crypto';
import { connectDatabase } from '@clearinghouse/shared';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACCESS_TOKEN, call, EXCHANGE, TOKEN_PATH } from './testing/call-auth.ts';
import { startTestAuth, type TestAuth } from './testing/start-test-auth.ts';

describe('contracts 1: nothing that is stored opens a door', () => {
  let auth: TestAuth;
  let dump: string;
  const live: Record<string, string> = {};

  beforeAll(async () => {
    auth = await startTestAuth();
    const { machine, admin, apiKey, app } = auth.seed;
    const base = `${auth.url}/api/v1/apps/${app.id}`;
    live.machine = machine.clientSecret;
    live.admin = admin.clientSecret;
    live.seededKey = apiKey.key;
    live.key = (await call(`${base}/keys`, { as: machine, json: {} })).body.key;
    const user = await call(`${base}/users/alice/token`, { as: machine, json: {} });
    live.userToken = user.body.access_token;
    live.refreshToken = user.body.refresh_token;
    const session = await call(`${auth.url}${TOKEN_PATH}`, {
      as: machine,
      form: {
        grant_type: EXCHANGE,
        subject_token: user.body.access_token,
        subject_token_type: ACCESS_TOKEN,
      },
    });
    live.session = session.body.access_token;
    const created = await call(`${auth.url}/api/v1/admin/apps`, {
      as: admin,
      json: { name: 'Second' },
      headers: { 'idempotency-key': 'one' },
    });
    live.secondMachine = created.body.machine.clientSecret;
    await auth.deps.lastUsed.flush();
    dump = await dumpAll(auth.database.superuserUrl);
  });
  afterAll(() => auth.stop());

  it('made every secret that is looked for', () => {
    expect(Object.values(live).every((secret) => secret.length > 40)).toBe(true);
    expect(dump).toContain(auth.seed.apiKey.id);
  });

  it('no table holds a live secret, in clear, as hex or as base64', () => {
    for (const secret of Object.values(live)) {
      expect(dump).not.toContain(secret);
      expect(dump).not.toContain(Buffer.from(secret).toString('hex'));
      expect(dump).not.toContain(Buffer.from(secret).toString('base64').replace(/=+$/, ''));
    }
  });

  it('K2: an API key is not even there as its bare SHA-256', () => {
    for (const key of [live.seededKey, live.key, live.session]) {
      const sha256 = createHash('sha256')
        .update(key ?? '')
        .digest();
      expect(dump).not.toContain(sha256.toString('hex'));
    }
  });

  it('no private key of the issuer is there in clear', () => {
    for (const { privateJwk } of auth.deps.keys().all) {
      const { d = '' } = privateJwk;
      expect(d.length).toBeGreaterThan(40);
      expect(dump).not.toContain(d);
      expect(dump).not.toContain(Buffer.from(d, 'base64url').toString('hex'));
    }
  });
});

/** Every row of every table of every schema, as text. */
async function dumpAll(url: string): Promise<string> {
  const sql = connectDatabase({ url, applicationName: 'test', connectionsMax: 1 });
  const tables = await sql<{ schema: string; name: string }[]>`
    select schemaname as schema, tablename as name from pg_tables
    where schemaname not in ('pg_catalog', 'information_schema')`;
  const texts: string[] = [];
  for (const { schema, name } of tables) {
    const table = sql`${sql(schema)}.${sql(name)}`;
    const rows = await sql<{ row: string }[]>`select t::text as row from ${table} t`;
    texts.push(...rows.map(({ row }) => row));
  }
  await sql.end();
  return texts.join('\n');
}
