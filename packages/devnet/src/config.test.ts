import { describe, expect, it } from 'vitest';
import { readDevnetConfig } from './config.ts';

describe('settings of the development chain', () => {
  it('stand without any variable, and an empty one is none', () => {
    expect(readDevnetConfig({ DEVNET_KEYSTORE_ADDRESS: '' })).toEqual({
      DEVNET_HOST: '127.0.0.1',
      DEVNET_PORT: 8545,
      DEVNET_STATE_FILE: '.data/devnet/state.json',
      DEVNET_DEPOSIT_WEI: 10n ** 19n,
      DEVNET_RESERVE_WEI: 10n ** 19n,
    });
  });

  it('name every variable that is wrong', () => {
    const read = () => readDevnetConfig({ DEVNET_PORT: '70000', DEVNET_DEPOSIT_WEI: '1.5' });
    expect(read).toThrow(/DEVNET_PORT[\s\S]*DEVNET_DEPOSIT_WEI/);
  });
});
