import type { Account } from './account.ts';

/**
 * The accounts in the order of {@link Custody}: the named one first.
 *
 * @throws Error that names the variable, when the active account is not among them, not named
 * though there are several, or there twice.
 */
export function putActiveFirst(
  accounts: readonly Account[],
  activeAddress: string | undefined,
  variable: string,
): readonly [Account, ...Account[]] {
  const addresses = accounts.map(({ address }) => address);
  if (new Set(addresses).size !== addresses.length) {
    throw new Error(`${variable}: has an account twice`);
  }
  if (activeAddress === undefined && accounts.length > 1) {
    throw new Error(`SIGNER_ADDRESS: say which of ${addresses.join(', ')} is the active one`);
  }
  const active = accounts.find(({ address }) => address === (activeAddress ?? address));
  if (active === undefined) {
    const found = addresses.join(', ') || 'none';
    throw new Error(`${variable}: is the account ${found}, not ${activeAddress}`);
  }
  return [active, ...accounts.filter((account) => account !== active)];
}
