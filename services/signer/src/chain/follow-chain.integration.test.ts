import { createLog, systemClock } from '@clearinghouse/shared';
import { createTestEvm, type TestEvm, waitFor } from '@clearinghouse/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SIGNER_WALLET } from '../testing/start-signer.ts';
import { createRpc } from './call-rpc.ts';
import { type FollowedChain, followChain } from './follow-chain.ts';

const ETHER = 10n ** 18n;

describe('Livepeer’s contracts on a real chain', () => {
  let evm: TestEvm;
  let chain: FollowedChain;
  beforeAll(async () => {
    evm = await createTestEvm({ senderAddress: SIGNER_WALLET.address, depositWei: 3n * ETHER });
    chain = followChain(
      {
        rpc: createRpc({ url: evm.rpcUrl, fetch }),
        clock: systemClock,
        log: createLog({ service: 'test', level: 'silent' }),
      },
      {
        controllerAddress: evm.contracts.controller,
        senderAddress: SIGNER_WALLET.address.toLowerCase(),
        chainId: BigInt(evm.contracts.chainId),
        pollMs: 50,
      },
    );
  });
  afterAll(async () => {
    await chain?.stop();
    await evm?.stop();
  });

  test('deposit, reserve, round and its block hash', async () => {
    expect(await chain.poll()).toBe(true);
    const round = await evm.readRound();
    const snapshot = chain.snapshot();
    expect(snapshot).toMatchObject({
      lastInitializedRound: round.number,
      sender: {
        depositWei: 3n * ETHER,
        reserveFundsRemainingWei: 10n * ETHER,
        withdrawRound: 0n,
      },
    });
    const hash = Buffer.from(snapshot?.blockHashForRound ?? []).toString('hex');
    expect(`0x${hash}`).toBe(round.blockHash);
    expect(snapshot?.l1Block).toBe(BigInt((await evm.call('eth_blockNumber')) as string));
  });

  test('a new round and a new block are seen', async () => {
    chain.start();
    const before = chain.snapshot()?.lastInitializedRound ?? 0n;
    await evm.advanceRounds(2n);
    await waitFor(async () => chain.snapshot()?.lastInitializedRound === before + 2n, {
      what: 'the new round',
    });
    await evm.mine(5);
    const height = BigInt((await evm.call('eth_blockNumber')) as string);
    await waitFor(async () => (chain.snapshot()?.l1Block ?? 0n) >= height, { what: 'new blocks' });
  });
});
