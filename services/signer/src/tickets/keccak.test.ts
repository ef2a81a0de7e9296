import { keccak256 as ethersKeccak } from 'ethers';
import { describe, expect, test } from 'vitest';
import selectors from '../../vectors/abi-selectors.json' with { type: 'json' };
import { keccak256 } from './keccak.ts';

function hex(text: string): string {
  return `0x${Buffer.from(keccak256(Buffer.from(text, 'utf8'))).toString('hex')}`;
}

describe('keccak256: selectors, topics and contract ids of the chain', () => {
  test.each(Object.entries(selectors))('%s', (name, expected) => {
    const quoted = /^keccak256\("(.*)"\)$/.exec(name);
    const text = quoted?.[1] ?? name.replace(/^event /, '');
    expect(hex(text).slice(0, expected.length)).toBe(expected);
  });
});

describe('keccak256: against ethers', () => {
  test.each([0, 1, 135, 136, 137, 232, 5000])('%i bytes, in one piece and in two', (length) => {
    const bytes = Buffer.alloc(length, 0xa5);
    const expected = ethersKeccak(bytes).slice(2);
    const half = Math.floor(length / 2);
    const parts = keccak256(bytes.subarray(0, half), bytes.subarray(half));
    expect(Buffer.from(keccak256(bytes)).toString('hex')).toBe(expected);
    expect(Buffer.from(parts).toString('hex')).toBe(expected);
  });
});
