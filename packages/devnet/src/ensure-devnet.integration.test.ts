import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '@clearinghouse/embedded';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startAnvil } from './anvil/start-anvil.ts';
import { callRpc } from './chain/call-rpc.ts';
import { isDeployed } from './contracts/is-deployed.ts';
import { ensureDevnet } from './ensure-devnet.ts';
import { DEVNET_CONTROLLER_ADDRESS } from './limits.ts';
import { getSenderInfo } from './tickets/get-sender-info.ts';

const SENDER = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8';

describe('a development chain over several starts', () => {
  let folder: string;
  let port: number;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'clearinghouse-devnet-'));
    port = await findFreePort();
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const stateFile = () => join(folder, 'state', 'state.json');
  const start = () => startAnvil({ port, stateFile: stateFile() });
  const ensure = (rpcUrl: string) =>
    ensureDevnet({
      rpcUrl,
      deploymentFile: join(folder, 'deployment.json'),
      senderAddress: SENDER,
      depositWei: 2n,
      reserveWei: 3n,
    });

  it('keeps contracts, funds and epoch when the chain was saved', async () => {
    const first = await start();
    const before = await ensure(first.rpcUrl);
    expect(before.fresh).toBe(true);
    expect(before.deployment.controller).toBe(DEVNET_CONTROLLER_ADDRESS);
    await first.stop();
    const second = await start();
    const after = await ensure(second.rpcUrl);
    const { ticketBroker } = after.deployment;
    const info = await getSenderInfo({
      rpcUrl: second.rpcUrl,
      ticketBroker,
      senderAddress: SENDER,
    });
    await second.stop();
    expect(after).toEqual({ ...before, fresh: false });
    expect(info).toMatchObject({ depositWei: 2n, reserveWei: 3n });
  });

  it('deploys and funds anew, in a new epoch, when the chain was lost', async () => {
    const first = await start();
    const before = await ensure(first.rpcUrl);
    await first.stop();
    rmSync(stateFile());
    const second = await start();
    const answer = await isDeployed({ rpcUrl: second.rpcUrl, contracts: before.deployment });
    const after = await ensure(second.rpcUrl);
    await second.stop();
    expect(answer.deployed).toBe(false);
    expect(after.fresh).toBe(true);
    expect(after.chainEpoch).not.toBe(before.chainEpoch);
    expect(after.deployment.controller).toBe(before.deployment.controller);
  });

  it('starts on a half written state file, which it keeps aside', async () => {
    const notices: string[] = [];
    const first = await start();
    await first.stop();
    writeFileSync(stateFile(), '{"block":{"num');
    const options = {
      port,
      stateFile: stateFile(),
      onNotice: (line: string) => notices.push(line),
    };
    const second = await startAnvil(options);
    const { fresh } = await ensure(second.rpcUrl);
    await second.stop();
    expect(fresh).toBe(true);
    expect(notices.join()).toContain('.broken-');
  });

  it('answers at the hash of its latest block, which is also its L1 block', async () => {
    const anvil = await start();
    const { deployment } = await ensure(anvil.rpcUrl);
    const block = (await callRpc(anvil.rpcUrl, 'eth_getBlockByNumber', ['latest', false])) as {
      hash: string;
      number: string;
      l1BlockNumber?: string;
    };
    const code = await callRpc(anvil.rpcUrl, 'eth_getCode', [
      deployment.controller,
      { blockHash: block.hash },
    ]);
    await anvil.stop();
    expect(block.l1BlockNumber).toBeUndefined();
    expect(Number(block.number)).toBeGreaterThan(0);
    expect(String(code).length).toBeGreaterThan(2);
  });

  it('names the port when another program has it', async () => {
    const anvil = await start();
    await expect(startAnvil({ port })).rejects.toThrow(String(port));
    await expect(callRpc(anvil.rpcUrl, 'eth_chainId', [])).resolves.toBe('0x7a69');
    await anvil.stop();
  });
});
