import type { Logger } from '@clearinghouse/shared';
import type { CustodyConfig } from '../config/custody.ts';
import type { Custody } from '../custody/account.ts';
import { openWeb3SignerCustody } from '../custody/open-web3signer-custody.ts';
import { openLocalCustody } from '../keystore/open-local-custody.ts';

/**
 * Opens the keys where they are.
 *
 * @throws Error with one line that says how to mend it.
 */
export async function openCustody(config: CustodyConfig, log: Logger): Promise<Custody> {
  if (config.kind === 'local') return await openLocalCustody(config);
  return await openWeb3SignerCustody({ log }, config);
}
