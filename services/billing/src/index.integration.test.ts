import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import {
  connectQueue,
  createAsker,
  createLog,
  createTeller,
  holdReplySchema,
  parseQueueKeys,
  type QueueConnection,
  releaseReplySchema,
  settleReplySchema,
} from '@clearinghouse/shared';
import { createTestQueue, queueBackends, type TestQueue, waitFor } from '@clearinghouse/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeHoldItem, randomHex } from './testing/make-hold-item.ts';
import { type Books, openBooks } from './testing/open-books.ts';
import { type ForwardShape, startForwarder, type TestForwarder } from './testing/sign-forward.ts';

const KEYS = {
  QUEUE_KEY_SIGNER_TO_BILLING: `a:${randomBytes(32).toString('hex')}`,
  QUEUE_KEY_BILLING_TO_SIGNER: `b:${randomBytes(32).toString('hex')}`,
  QUEUE_KEY_AUTH_TO_BILLING: `c:${randomBytes(32).toString('hex')}`,
};
const PRICE_E8 = '300000000000';

describe.each(queueBackends())('the billing process, its queue on %s', (backend) => {
  let books: Books;
  let queue: TestQueue;
  let forwarder: TestForwarder;
  let signer: QueueConnection;
  let child: ChildProcess;
  let origin: string;
  let output = '';
  const appId = `app_${randomHex(12)}`;

  beforeAll(async () => {
    [books, queue, forwarder] = await Promise.all([
      openBooks(),
      createTestQueue(backend),
      startForwarder(),
    ]);
    const port = await freePort();
    origin = `http://127.0.0.1:${port}`;
    const address = queue.connection('billing');
    child = spawn(process.execPath, [join(import.meta.dirname, 'index.ts')], {
      env: {
        PATH: process.env.PATH,
        BILLING_PORT: String(port),
        DATABASE_URL: books.database.url('billing_app'),
        BILLING_OWNER_URL: books.database.url('billing_owner'),
        ...(address.redisUrl === undefined ? {} : { REDIS_URL: address.redisUrl }),
        ...(address.prefix === undefined ? {} : { QUEUE_PREFIX: address.prefix }),
        ...(address.postgresUrl === undefined ? {} : { QUEUE_DATABASE_URL: address.postgresUrl }),
        ...KEYS,
        ISSUER: forwarder.issuer,
        AUTH_JWKS_URL: forwarder.jwksUrl,
        FX_FIXED_E8: PRICE_E8,
        FX_ACCEPT_JUMP: '1',
        WATCH_PARENT: '1',
      },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk) => {
        output += String(chunk);
      });
    }
    signer = openSigner();
    await waitFor(async () => (await fetch(`${origin}/readyz`)).status === 200);
  });

  afterAll(async () => {
    const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
    child.stdin?.end();
    expect(await exited).toBe(0);
    expect(output).not.toContain('password');
    await signer.close();
    await Promise.all([queue.stop(), forwarder.stop()]);
    await books.close();
  });

  const openSigner = () =>
    connectQueue({
      ...queue.connection('signer'),
      keys: {
        'signer-to-billing': parseQueueKeys(KEYS.QUEUE_KEY_SIGNER_TO_BILLING),
        'billing-to-signer': parseQueueKeys(KEYS.QUEUE_KEY_BILLING_TO_SIGNER),
      },
      service: 'signer',
      replicaId: 'signer-test',
      log: createLog({ service: 'test', level: 'silent' }),
    });

  const request = async (shape: ForwardShape, headers: Record<string, string> = {}) => {
    const response = await fetch(`${origin}${shape.path}`, {
      method: shape.method,
      headers: { authorization: `Bearer ${await forwarder.sign(shape)}`, ...headers },
      ...(shape.body === undefined ? {} : { body: shape.body }),
    });
    return { status: response.status, headers: response.headers, body: await response.json() };
  };

  it('says that it serves and that it is ready', async () => {
    expect((await fetch(`${origin}/healthz`)).status).toBe(200);
    expect(await (await fetch(`${origin}/readyz`)).json()).toEqual({
      status: 'ready',
      database: true,
      migrations: true,
      queue: true,
      price: true,
    });
  });

  it('posts credit once per key, and says when it says it again', async () => {
    const credit = {
      method: 'POST',
      path: `/api/v1/admin/apps/${appId}/credits`,
      body: JSON.stringify({ amountMicros: '1000000', reason: 'first credit' }),
      scopes: ['admin'],
    };
    const first = await request(credit, { 'idempotency-key': 'seed-1' });
    expect(first).toMatchObject({ status: 201, body: { balanceMicros: '1000000' } });
    const again = await request(credit, { 'idempotency-key': 'seed-1' });
    expect(again).toMatchObject({ status: 201, body: first.body });
    expect(again.headers.get('idempotency-replayed')).toBe('true');
  });

  it('holds, settles and shows it: to the wei and the micro-dollar', async () => {
    const user = `usr_${randomHex(12)}`;
    await books.setPrincipal('app', appId, appId);
    await books.setPrincipal('user', user, appId);
    const askHolds = createAsker(signer, 'hold-request', { replySchema: holdReplySchema });
    const settle = createAsker(signer, 'usage-settle', { replySchema: settleReplySchema });
    const release = createAsker(signer, 'hold-release', { replySchema: releaseReplySchema });
    const items = [5n, 7n].map((micros, index) =>
      makeHoldItem({
        appId,
        subject: user,
        externalUserId: 'alice',
        askNo: index,
        // 3,000 USD per ETH: 1 micro-USD is 10^9 / 3 wei.
        feeWei: (micros * 1_000_000_000n) / 3n,
      }),
    );
    const reply = await askHolds({ replicaId: 'signer-test', items: [...items, { askNo: 2 }] });
    if (!reply.ok) throw new Error(reply.code);
    const [one, two, bad] = reply.value.answers;
    expect(bad).toEqual({ ok: false, code: 'invalid_request' });
    if (!one?.ok || !two?.ok) throw new Error('not granted');

    const settled = await settle({
      replicaId: 'signer-test',
      items: [
        {
          holdId: one.holdId,
          ticketsHash: randomHex(32),
          paymentHash: one.rebuild.paymentHash,
          signedAtNs: `${Date.now()}000000`,
        },
      ],
    });
    expect(settled).toEqual({ ok: true, value: { results: ['settled'] } });
    const released = await release({
      replicaId: 'signer-test',
      items: [{ holdId: two.holdId, reason: 'test' }],
    });
    expect(released).toEqual({ ok: true, value: { results: ['released'] } });

    const usage = await request({
      method: 'GET',
      path: `/api/v1/apps/${appId}/usage?groupBy=user`,
      app: appId,
      scopes: ['usage:read'],
    });
    const spent = { requestCount: 1, endUserBillableUsdMicros: '4', networkFeeUsdMicros: '4' };
    expect(usage.body).toMatchObject({
      clientId: appId,
      totals: { ...spent, totalFeeWei: '1666666666' },
      byUser: [{ ...spent, endUserId: user, externalUserId: 'alice', feeWei: '1666666666' }],
      users: [{ user_id: user, external_id: 'alice', total_wei: '1666666666', request_count: 1 }],
    });
    const balance = await request({
      method: 'GET',
      path: `/api/v1/admin/apps/${appId}/balance`,
      scopes: ['admin'],
    });
    expect(balance.body).toMatchObject({ postedMicros: '999996', heldMicros: '0' });
  });

  it('remembers what a signer says of its journal', async () => {
    const tell = createTeller(signer, 'journal-watermark');
    await tell({ replicaId: 'signer-mark', grantsClosedUpTo: 41, last: false });
    await waitFor(async () => {
      const rows = await books.sql`
        select from billing.replica_watermarks
        where replica_id = 'signer-mark' and closed_up_to = 41`;
      return rows.length === 1;
    });
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
