import { type Address, parseAddress } from '@clearinghouse/shared';
import type { Custody } from './account.ts';

/** With this header a caller chooses the account, where the operator lets callers choose. */
export const ACCOUNT_HEADER = 'Signer-Account';

/** Who pays for new sessions of this caller; absent when the account may not be had. */
export type ChooseSender = (header: string) => Address | undefined;

/**
 * Makes the choice: without the header (empty) the active account; with it one that the operator
 * made selectable, or the active one by its name. A gateway asks for the address once, at its
 * start, so that during a change of accounts each can be moved by its own configuration.
 *
 * @throws Error when an account that is to be selectable is not open.
 */
export function createSenderChooser(
  { accounts }: Pick<Custody, 'accounts'>,
  selectable: readonly string[],
): ChooseSender {
  const active = accounts[0].address;
  const missing = selectable.find((one) => accounts.every(({ address }) => address !== one));
  if (missing !== undefined) {
    throw new Error(`SIGNER_SELECTABLE_ADDRESSES: there is no key of ${missing}`);
  }
  const open = new Set(
    accounts
      .map(({ address }) => address)
      .filter((address) => address === active || selectable.includes(address)),
  );
  return (header) => {
    if (header === '') return active;
    const address = parseAddress(header.trim());
    return address !== undefined && open.has(address) ? address : undefined;
  };
}
