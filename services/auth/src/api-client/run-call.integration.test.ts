import { execFile } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeAccount } from '../testing/sign-in.ts';
import { startTestAuth, type TestAuth } from '../testing/start-test-auth.ts';

type Ran = { readonly code: number; readonly out: string; readonly err: string };

describe('admin: the API from a terminal', () => {
  let auth: TestAuth;
  let env: Record<string, string>;
  beforeAll(async () => {
    auth = await startTestAuth();
    const folder = mkdtempSync(join(tmpdir(), 'admin-'));
    const file = join(folder, 'secret');
    writeFileSync(file, `${auth.seed.admin.clientSecret}\n`, { mode: 0o600 });
    env = {
      CLEARINGHOUSE_URL: auth.url,
      CLEARINGHOUSE_CLIENT_ID: auth.seed.admin.clientId,
      CLEARINGHOUSE_CLIENT_SECRET_FILE: file,
    };
  });
  afterAll(() => auth.stop());

  const admin = (args: readonly string[], change: Record<string, string> = {}): Promise<Ran> =>
    new Promise((resolve) => {
      const script = join(import.meta.dirname, '../admin-cli.ts');
      const options = { env: { PATH: '/nowhere', ...env, ...change }, cwd: tmpdir() };
      execFile(process.execPath, [script, ...args], options, (error, out, err) =>
        resolve({ code: Number(error?.code ?? 0), out, err }),
      );
    });

  it('makes an app, lists it, changes it: what the operator’s API can', async () => {
    const made = await admin(['app', 'create', '--name', 'From a terminal', '--json']);
    expect(made).toMatchObject({ code: 0, err: '' });
    const { id } = JSON.parse(made.out).app;
    expect((await admin(['app', 'list'])).out).toMatch(
      new RegExp(`^${id}  From a terminal  active`, 'm'),
    );
    const changed = await admin(['app', 'change', id, '--isFirstParty', 'true', '--json']);
    expect(JSON.parse(changed.out)).toMatchObject({ isFirstParty: true });
    const suspended = await admin(['app', 'set-status', id, '--status', 'suspended']);
    expect(suspended).toMatchObject({ code: 0 });
    expect((await admin(['app', 'show', id])).out).toMatch(/^status +suspended$/m);
  });

  it('a team whose only owner left gets another owner, and the one who left is taken out', async () => {
    const [gone, next] = await Promise.all([makeAccount(auth), makeAccount(auth)]);
    const made = await admin(['team', 'create', '--name', 'Orphan', '--ownerId', gone, '--json']);
    expect(made).toMatchObject({ code: 0, err: '' });
    const { id } = JSON.parse(made.out);
    expect((await admin(['team', 'list', '--name', 'orph'])).out).toContain(id);
    expect((await admin(['team', 'remove-member', id, gone])).err).toContain('last_owner');
    const put = await admin(['team', 'set-member', id, next, '--role', 'owner']);
    expect(put).toMatchObject({ code: 0 });
    expect(await admin(['team', 'remove-member', id, gone])).toMatchObject({ code: 0 });
    const shown = JSON.parse((await admin(['team', 'show', id, '--json'])).out);
    expect(shown.members).toMatchObject([{ accountId: next, role: 'owner' }]);
    const appId = auth.seed.app.id;
    for (const to of [id, 'null']) {
      expect(await admin(['app', 'set-team', appId, '--teamId', to])).toMatchObject({ code: 0 });
    }
    const people = await admin(['account', 'list', '--email', 'nobody@terminal.test', '--json']);
    expect(JSON.parse(people.out)).toEqual({ accounts: [], next: null });
  });

  it('once for each Idempotency-Key', async () => {
    const create = ['app', 'create', '--name', 'Once', '--idempotency-key', 'the-same', '--json'];
    const [first, again] = [await admin(create), await admin(create)];
    expect(JSON.parse(again.out).app.id).toBe(JSON.parse(first.out).app.id);
  });

  it('a key with lists, numbers and null', async () => {
    const app = auth.seed.app.id;
    const flags = [
      '--scopes',
      'sign:job,usage:read',
      '--expiresInDays',
      '5',
      '--rateLimit',
      'null',
    ];
    const { code, out } = await admin(['key', 'create', app, ...flags, '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ scopes: ['sign:job', 'usage:read'], rateLimit: null });
  });

  it('a refusal has its code and words, and the command fails', async () => {
    const none = await admin(['app', 'show', 'app_none']);
    expect(none).toMatchObject({ code: 1, out: '', err: 'not_found (404): Not found.\n' });
    expect(await admin(['app', 'create'])).toMatchObject({ code: 1, out: '' });
  });

  it('what is not understood is told how, with 2', async () => {
    expect(await admin(['app', 'bake'])).toMatchObject({ code: 2, out: '' });
    expect((await admin(['app', 'bake'])).err).toContain('app create');
    expect((await admin(['app', 'create', '--colour', 'red'])).err).toContain('--name');
    expect((await admin(['cap', 'set', auth.seed.app.id, '--caps', '[{'])).err).toContain('JSON');
    expect((await admin([])).err).toContain('admin bootstrap');
  });

  it('a wrong secret, no credential, nobody there', async () => {
    const wrong = await admin(['app', 'list'], {
      CLEARINGHOUSE_CLIENT_ID: auth.seed.machine.clientId,
    });
    expect(wrong).toMatchObject({ code: 1, out: '' });
    expect((await admin(['app', 'list'], { CLEARINGHOUSE_CLIENT_ID: '' })).err).toContain(
      'bootstrap',
    );
    const gone = await admin(['app', 'list'], { CLEARINGHOUSE_URL: 'http://127.0.0.1:1' });
    expect(gone.err).toContain('http://127.0.0.1:1 does not answer');
    for (const { err } of [wrong, gone]) expect(err).not.toContain(auth.seed.admin.clientSecret);
  });
});
