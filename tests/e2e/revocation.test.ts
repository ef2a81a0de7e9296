import { connectSuperuser } from '@clearinghouse/embedded';
import type { Sql } from '@clearinghouse/shared';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openApp, type TestApp } from './fixture/open-app.ts';
import { newPaymentSession, type PaidAnswer, pay } from './fixture/pay.ts';
import { startTestStack, type TestStack } from './fixture/start-test-stack.ts';

type Case = {
  readonly credential: string;
  /** Through the API: announced to the signers. */
  readonly revoke: () => Promise<void>;
  /** In the table of statuses alone, as if every announcement was lost. */
  readonly principal: { readonly kind: string; readonly id: string };
};

const CASES: Readonly<Record<string, (app: TestApp) => Promise<Case>>> = {
  'a suspended user': async (app) => ({
    principal: { kind: 'user', id: await app.createUser('alice') },
    credential: (await app.userToken('alice')).access,
    revoke: () => app.suspendUser('alice'),
  }),
  'a revoked key': async (app) => {
    const { id, key } = await app.createKey();
    return {
      principal: { kind: 'key', id },
      credential: key,
      revoke: () => app.revokeKey(id),
    };
  },
  'a suspended app': async (app) => ({
    principal: { kind: 'app', id: app.appId },
    credential: await app.machineToken(),
    revoke: app.suspend,
  }),
};

describe.each(Object.entries(CASES))('%s', (name, open) => {
  let stack: TestStack;
  let signers: readonly string[];
  let sql: Sql;
  beforeAll(async () => {
    stack = await stackOfAll();
    signers = [stack.signerUrl, await secondSigner()];
    sql = connectSuperuser(stack.database.superuserUrl);
  });
  afterAll(() => sql?.end({ timeout: 5 }));

  /** Pays once with each signer, so that each remembers the credential. */
  const warm = async (credential: string) => {
    const sessions = signers.map((url) => ({ url, session: newPaymentSession() }));
    return Promise.all(
      sessions.map(async ({ url, session }) => {
        const first = await pay(url, credential, session());
        expect(first.status, first.text).toBe(200);
        return { url, first: session(), next: session(first.json.state) };
      }),
    );
  };

  const payNext = async (credential: string, lines: Awaited<ReturnType<typeof warm>>) => {
    const answers: PaidAnswer[] = [];
    for (const { url, first, next } of lines) {
      answers.push(await pay(url, credential, next));
      answers.push(await pay(url, credential, newPaymentSession()()));
      // What was paid already is not given out again either.
      answers.push(await pay(url, credential, first));
    }
    return answers;
  };

  it('is refused at the very next payment by every signer', async () => {
    const app = await openApp(stack, 1_000_000n);
    const { credential, revoke } = await open(app);
    const lines = await warm(credential);
    await revoke();
    for (const { status, text, json } of await payNext(credential, lines)) {
      // A key that a signer has forgotten is asked about again, and is then no key at all.
      const expected = name === 'a revoked key' ? [401, 403] : [403];
      expect(expected, text).toContain(status);
      expect(['suspended', 'invalid_token']).toContain(json.error?.code);
    }
  });

  it('is refused though every signer still remembers the credential', async () => {
    const app = await openApp(stack, 1_000_000n);
    const { credential, principal } = await open(app);
    const lines = await warm(credential);
    const { count } = await sql`
      update identity.principal_status set status = 'suspended'
      where kind = ${principal.kind} and id = ${principal.id} and app_id = ${app.appId}`;
    expect(count).toBe(1);
    for (const answer of await payNext(credential, lines)) {
      expect(answer).toMatchObject({ status: 403, json: { error: { code: 'suspended' } } });
    }
    const [row] = await sql<{ n: bigint }[]>`
      select count(*) as n from billing.holds where app_id = ${app.appId}`;
    expect(row?.n).toBe(2n);
  });
});

let shared: Promise<TestStack> | undefined;
let second: Promise<string> | undefined;

function stackOfAll(): Promise<TestStack> {
  shared ??= startTestStack();
  return shared;
}

function secondSigner(): Promise<string> {
  second ??= stackOfAll().then((stack) => stack.start('signer', 'signer-2'));
  return second;
}

afterAll(async () => (await shared)?.stop());
