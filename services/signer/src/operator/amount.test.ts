import { describe, expect, it } from 'vitest';
import { parseAmount } from './amount.ts';

describe('amounts', () => {
  it.each([
    ['1eth', 10n ** 18n],
    ['0.5eth', 5n * 10n ** 17n],
    ['0.000000000000000001eth', 1n],
    ['20gwei', 20_000_000_000n],
    ['0.1gwei', 100_000_000n],
    ['7wei', 7n],
  ])('%s', (text, wei) => {
    expect(parseAmount(text)).toBe(wei);
  });

  it.each([
    undefined,
    '',
    '1',
    'eth',
    '0eth',
    '0.0wei',
    '1.5wei',
    '0.0000000001gwei',
    '-1eth',
    '+1eth',
    '1 eth',
    '1ETH',
    '1e3wei',
    '0x10wei',
    '1,5eth',
    '.5eth',
    '5.eth',
    '٣eth',
    `${10n ** 29n}eth`,
  ])('%s is none', (text) => {
    expect(parseAmount(text)).toBeUndefined();
  });
});
