import { getSenderInfo } from '@clearinghouse/devnet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomAddress } from '../factories/random.ts';
import { createTestEvm, type TestEvm } from './create-test-evm.ts';

describe('a test chain', () => {
  const senderAddress = randomAddress();
  let evm: TestEvm;

  beforeAll(async () => {
    evm = await createTestEvm({ senderAddress, depositWei: 7n, reserveWei: 9n });
  });
  afterAll(() => evm.stop());

  const readFunds = () =>
    getSenderInfo({ rpcUrl: evm.rpcUrl, ticketBroker: evm.contracts.ticketBroker, senderAddress });

  it('has a funded sender', async () => {
    expect(await readFunds()).toMatchObject({ depositWei: 7n, reserveWei: 9n, withdrawRound: 0n });
  });

  it('starts in round 1 with a block hash, and moves on when told', async () => {
    const { number, blockHash } = await evm.readRound();
    expect(number).toBe(1n);
    expect(BigInt(blockHash)).not.toBe(0n);
    await evm.sandbox(async () => {
      expect(await evm.advanceRounds(3n)).toBe(4n);
      expect((await evm.readRound()).blockHash).not.toBe(blockHash);
    });
    expect((await evm.readRound()).number).toBe(1n);
  });

  it('forgets what happened in a sandbox', async () => {
    await evm.sandbox(async () => {
      await evm.fund(senderAddress, 1n, 1n);
      expect((await readFunds()).depositWei).toBe(8n);
    });
    expect((await readFunds()).depositWei).toBe(7n);
  });

  it('mines blocks', async () => {
    const before = Number(await evm.call('eth_blockNumber'));
    await evm.mine(40);
    expect(Number(await evm.call('eth_blockNumber'))).toBe(before + 40);
  });
});
