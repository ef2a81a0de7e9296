import { describe, expect, it } from 'vitest';
import { NoResult } from '../chain/call-rpc.ts';
import { readBlock } from './read-blocks.ts';

const HASH = `0x${'AB'.repeat(32)}`;
const answering = (answer: unknown) => async (_method: string, params: readonly unknown[]) => {
  asked.push(params[0]);
  if (answer instanceof Error) throw answer;
  return answer;
};
const asked: unknown[] = [];

describe('a block', () => {
  it('on Arbitrum has the chain’s own number for events, and that of the chain below apart', async () => {
    const block = { number: '0x10', hash: HASH, l1BlockNumber: '0x5' };
    const seen = await readBlock(answering(block), 16);
    expect(asked.at(-1)).toBe('0x10');
    expect(seen?.ref).toEqual({ number: 16, hash: 'ab'.repeat(32) });
    expect(seen?.block.l1Block).toBe(5n);
  });

  it('elsewhere has one number', async () => {
    const seen = await readBlock(answering({ number: '0x10', hash: HASH }), 'latest');
    expect(seen?.ref.number).toBe(16);
    expect(seen?.block.l1Block).toBe(16n);
  });

  it('that the node does not have is absent; another than asked for is a fault', async () => {
    expect(await readBlock(answering(new NoResult('m')), 16)).toBeUndefined();
    await expect(readBlock(answering({ number: '0x11', hash: HASH }), 16)).rejects.toThrow(
      /another block/,
    );
    await expect(readBlock(answering(new Error('away')), 16)).rejects.toThrow('away');
  });
});
