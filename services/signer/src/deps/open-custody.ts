import type { Logger } from '@clearinghouse/shared';
import type { CustodyConfig } from '../config/custody.ts';
import type { Custody } from '../custody/account.ts';
import { openWeb3SignerCustody } from '../custody/open-web3signer-custody.ts';
import type { TransactionTerms } from '../custody/transaction.ts';
import { openLocalCustody } from '../keystore/open-local-custody.ts';

/**
 * Opens the keys where they are.
 *
 * @param transactions where transactions may go; the serving process names none.
 * @throws Error with one line that says how to mend it.
 */
export async function openCustody(
  config: CustodyConfig,
  log: Logger,
  transactions?: TransactionTerms,
): Promise<Custody> {
  const terms = transactions === undefined ? {} : { transactions };
  if (config.kind === 'local') return await openLocalCustody({ ...config, ...terms });
  return await openWeb3SignerCustody({ log }, { ...config, ...terms });
}
