import { type ChildProcess, spawn } from 'node:child_process';
import { hash } from 'node:crypto';
import { chmodSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { findFreePort } from '@clearinghouse/embedded';
import { waitFor } from '@clearinghouse/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { paymentBody, postPayment } from './testing/payment-body.ts';
import { signerEnv } from './testing/start-signer.ts';
import { startWorld, type World } from './testing/start-world.ts';

const ENTRY = join(import.meta.dirname, 'index.ts');

let world: World;
let token: string;
const children = new Set<ChildProcess>();

beforeAll(async () => {
  world = await startWorld('postgres');
  token = world.issuer.mint();
});
afterAll(() => world?.stop());
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
});

type Running = {
  readonly child: ChildProcess;
  readonly url: string;
  readonly log: () => string;
  readonly exited: Promise<number | null>;
};

/** Starts a signer as a process of its own. */
async function run(change: Record<string, string> = {}): Promise<Running> {
  const port = await findFreePort();
  const env = { ...(await signerEnv(world.places)), SIGNER_PORT: String(port), ...change };
  const child = spawn(process.execPath, [ENTRY], {
    env: { PATH: process.env.PATH, LOG_LEVEL: 'info', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  children.add(child);
  let text = '';
  child.stdout?.on('data', (chunk) => {
    text += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    text += chunk;
  });
  const exited = new Promise<number | null>((resolve) => child.on('exit', resolve));
  return { child, url: `http://127.0.0.1:${port}`, log: () => text, exited };
}

async function untilReady({ url }: Running): Promise<void> {
  await waitFor(async () => (await fetch(`${url}/readyz`)).ok, { what: 'the signer to be ready' });
}

const sha256 = (bytes: Uint8Array) => hash('sha256', bytes, 'hex');
const folders = () =>
  readdirSync(world.journalDir).filter((name) => name !== world.signer.replicaId);

describe('the process', () => {
  test('serves, says whose signatures it gives, and no secret', async () => {
    const signer = await run({ LOG_LEVEL: 'trace', METRICS_PORT: String(await findFreePort()) });
    await untilReady(signer);
    expect((await postPayment(signer.url, token, paymentBody())).status).toBe(200);
    await postPayment(signer.url, `${token}x`, paymentBody());
    await expect.poll(signer.log).toContain('"code":"invalid_token"');
    const log = signer.log();
    expect(log).toContain('"secp256k1":"native"');
    for (const secret of [token, token.slice(-40), 'test password', '1111111111', 's'.repeat(32)]) {
      expect(log).not.toContain(secret);
    }
  });

  test('stops in order on SIGTERM and leaves no journal', async () => {
    const signer = await run({ SIGNER_REPLICA: 'orderly' });
    await untilReady(signer);
    expect((await postPayment(signer.url, token, paymentBody())).status).toBe(200);
    expect(folders().some((name) => name.startsWith('orderly'))).toBe(true);
    signer.child.kill('SIGTERM');
    expect(await signer.exited).toBe(0);
    expect(folders().some((name) => name.startsWith('orderly'))).toBe(false);
  });

  test('stops when its supervisor is gone', async () => {
    const signer = await run({ WATCH_PARENT: '1' });
    await untilReady(signer);
    signer.child.stdin?.end();
    expect(await signer.exited).toBe(0);
  });

  test('metrics are on a port of their own, and only when asked for', async () => {
    const port = await findFreePort();
    const signer = await run({ METRICS_PORT: String(port) });
    await untilReady(signer);
    await postPayment(signer.url, token, paymentBody());
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    expect(text).toContain('signer_payments_total{code="ok"} 1');
    expect(text).toContain('signer_tickets_total 1');
    expect((await fetch(`${signer.url}/metrics`)).status).toBe(404);
  });
});

describe('kill -9 under load', () => {
  test('every payment that left is settled by another signer, and the dead one is told of', async () => {
    const signer = await run({ SIGNER_REPLICA: 'victim' });
    await untilReady(signer);
    // Settlements do not go through meanwhile: what is signed stays in the journal.
    world.billing.rules.settle = () => {
      throw new Error('billing is busy');
    };
    let answered = 0;
    const hashes = new Set<string>();
    const callers = Array.from({ length: 8 }, async () => {
      for (;;) {
        const answer = await postPayment(signer.url, token, paymentBody()).catch(() => undefined);
        if (answer?.status !== 200) return;
        answered += 1;
        hashes.add(sha256(Buffer.from(answer.json.state?.State ?? '', 'base64')));
        if (answered === 40) signer.child.kill('SIGKILL');
      }
    });
    await Promise.all(callers);
    await signer.exited;
    expect(answered).toBeGreaterThanOrEqual(40);
    const states = world.billing.asked.map(({ rebuild }) => rebuild);
    world.billing.settled.length = 0;
    world.billing.rules.settle = () => 'settled';
    await waitFor(() => !folders().some((name) => name.startsWith('victim')), {
      what: 'the folder to be adopted',
      timeoutMs: 30_000,
    });
    const settled = new Set(world.billing.settled.map(({ paymentHash }) => paymentHash));
    for (const newStateHash of hashes) {
      const asked = states.find((one) => one.newStateHash === newStateHash);
      expect(settled).toContain(asked?.paymentHash);
    }
    await waitFor(
      () =>
        world.billing.watermarks.some(
          ({ last, replicaId }) => last && replicaId.startsWith('victim'),
        ),
      { what: 'the last watermark' },
    );
  });
});

describe('it does not start', () => {
  const failing = async (change: Record<string, string>) => {
    const signer = await run(change);
    expect(await signer.exited).toBe(1);
    return signer.log();
  };

  test('with a wrong configuration: every fault by name', async () => {
    const log = await failing({ ISSUER: 'x', CHAIN_ID: 'y', SESSION_SECRET: 'short' });
    for (const name of ['ISSUER', 'CHAIN_ID', 'SESSION_SECRET']) expect(log).toContain(name);
    expect(log).not.toContain('short');
  });

  test('with another password', async () => {
    expect(await failing({ KEYSTORE_PASSWORD: 'other' })).toContain('KEYSTORE_PASSWORD');
  });

  test('with another account', async () => {
    const log = await failing({ SIGNER_ADDRESS: `0x${'22'.repeat(20)}` });
    expect(log).toMatch(/is the account 0x[0-9a-f]{40}, not 0x22/);
  });

  test('with a keystore that anybody may read', async () => {
    const { KEYSTORE_FILE } = await signerEnv(world.places);
    chmodSync(KEYSTORE_FILE ?? '', 0o604);
    const log = await failing({ KEYSTORE_FILE: KEYSTORE_FILE ?? '' });
    expect(log).toContain('chmod o-rwx');
  });

  test('where the journal cannot be written', async () => {
    expect(await failing({ JOURNAL_DIR: ENTRY })).toContain('JOURNAL_DIR');
  });

  test('on the Postgres queue for the world', async () => {
    const log = await failing({ ISSUER: 'https://login.example/api/v1/oidc' });
    expect(log).toContain('REDIS_URL');
  });

  test('on a port that is taken', async () => {
    const port = new URL(world.signer.url).port;
    const log = await failing({ SIGNER_PORT: port, SIGNER_HOST: '127.0.0.1' });
    expect(log).toContain('SIGNER_PORT');
  });
});
