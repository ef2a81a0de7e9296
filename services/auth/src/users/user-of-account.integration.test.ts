import { newId } from '@clearinghouse/shared';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAccount } from '../accounts/create-account.ts';
import { changeIdentity } from '../identity/change-identity.ts';
import { startTestAuth, type TestAuth } from '../testing/start-test-auth.ts';
import { findUserOfAccount, userOfAccount } from './user-of-account.ts';

describe('an app knows a person by a user of its own', () => {
  let auth: TestAuth;
  beforeAll(async () => {
    auth = await startTestAuth();
  });
  afterAll(() => auth.stop());

  const newAccount = async () => {
    const made = await changeIdentity(auth.deps, (tx) => createAccount({ tx }, { email: null }));
    if (!made.ok) throw new Error(made.code);
    return made.value.id;
  };
  const statusOf = async (id: string) => {
    const rows = await auth.deps.db<{ status: string }[]>`
      select status from identity.principal_status where kind = 'user' and id = ${id}`;
    return rows.map((row) => row.status);
  };

  it('made once, with its row of status, however many ask at once', async () => {
    const who = { accountId: await newAccount(), appId: auth.seed.app.id };
    expect(await findUserOfAccount(auth.deps, who)).toBeUndefined();
    const users = await Promise.all(Array.from({ length: 6 }, () => userOfAccount(auth.deps, who)));
    const [first] = users;
    expect(new Set(users.map(({ id }) => id)).size).toBe(1);
    expect(first?.externalUserId).toBe(who.accountId);
    expect(await statusOf(first?.id ?? '')).toEqual(['active']);
    expect(await findUserOfAccount(auth.deps, who)).toEqual(first);
  });

  it('one that the app made under that id before becomes it', async () => {
    const accountId = await newAccount();
    const appId = auth.seed.app.id;
    const id = newId('usr');
    await auth.deps.db`
      insert into auth.app_users (id, app_id, external_user_id) values (${id}, ${appId}, ${accountId})`;
    expect((await userOfAccount(auth.deps, { accountId, appId })).id).toBe(id);
  });

  it('an account that does not exist is a fault', async () => {
    const who = { accountId: newId('acc'), appId: auth.seed.app.id };
    await expect(userOfAccount(auth.deps, who)).rejects.toThrow('does not exist');
  });
});
