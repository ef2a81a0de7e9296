import { Wallet } from 'ethers';
import { describe, expect, test } from 'vitest';
import { type LocalAccount, takeCustody } from '../keystore/custody.ts';
import { createSenderChooser } from './choose-sender.ts';

const accounts: [LocalAccount, ...LocalAccount[]] = [
  takeCustody(Buffer.alloc(32, 0x11)),
  takeCustody(Buffer.alloc(32, 0x12)),
  takeCustody(Buffer.alloc(32, 0x13)),
];
const [active = '', selectable = '', closed = '']: string[] = accounts.map(
  ({ address }) => address,
);
const choose = createSenderChooser({ accounts }, [selectable]);

describe('the account of a caller', () => {
  test('the active one, unless the header names another', () => {
    expect(choose('')).toBe(active);
    expect(choose(active)).toBe(active);
    expect(choose(` ${selectable} `)).toBe(selectable);
    expect(choose(accounts[1]?.checksumAddress ?? '')).toBe(selectable);
  });

  test.each([closed, Wallet.createRandom().address, 'active', '0x', `${active}, ${selectable}`])(
    'not %s',
    (header) => {
      expect(choose(header)).toBeUndefined();
    },
  );

  test('what has no key cannot be made selectable', () => {
    const missing = `0x${'99'.repeat(20)}`;
    expect(() => createSenderChooser({ accounts }, [missing])).toThrow(missing);
  });
});
