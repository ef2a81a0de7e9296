import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '@clearinghouse/embedded';
import { waitFor } from '@clearinghouse/testing';
import { expect, it } from 'vitest';
import { DEVNET_CONTROLLER_ADDRESS } from './limits.ts';
import { getSenderInfo } from './tickets/get-sender-info.ts';

const SENDER = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8';
/** Where the deployer's third contract of a fresh chain stands. */
const TICKET_BROKER = '0x9fE46736679d2D9a65F0992F2272dE9f3c7fa6e0';

it('runs as a process: contracts, funds, /healthz, and a saved chain after SIGTERM', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'clearinghouse-devnet-'));
  const port = await findFreePort();
  const child = spawn(process.execPath, [join(import.meta.dirname, 'run-cli.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env.PATH,
      DEVNET_PORT: String(port),
      DEVNET_STATE_FILE: join(folder, 'state.json'),
      DEVNET_KEYSTORE_ADDRESS: SENDER,
      DEVNET_DEPOSIT_WEI: '11',
    },
  });
  let output = '';
  child.stdout.on('data', (text) => {
    output += text;
  });
  const exited = once(child, 'exit');
  try {
    await waitFor(async () => (await fetch(`http://127.0.0.1:${port + 1}/healthz`)).ok, {
      what: 'the health of the chain',
      timeoutMs: 45_000,
    });
    const info = await getSenderInfo({
      rpcUrl: `http://127.0.0.1:${port}`,
      ticketBroker: TICKET_BROKER,
      senderAddress: SENDER,
    });
    expect(info.depositWei).toBe(11n);
    expect(output).toContain(DEVNET_CONTROLLER_ADDRESS);
  } finally {
    child.kill('SIGTERM');
  }
  expect(await exited).toEqual([0, null]);
  expect(existsSync(join(folder, 'state.json'))).toBe(true);
  rmSync(folder, { recursive: true, force: true });
});
