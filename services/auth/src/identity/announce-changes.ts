import type { Logger, Tell } from '@clearinghouse/shared';
import type { IdentityChange } from './principal-status.ts';

/**
 * Makes the function that tells billing and the signer of committed changes. It never waits and
 * never fails: the table is what binds, a message that is lost costs at most the 5 s for which
 * a cache may hold a credential.
 *
 * @param forget empties the caches of this process, which so needs not wait for the database's notice.
 */
export function createAnnouncer(
  tells: readonly Tell[],
  log: Logger,
  forget: (changes: readonly IdentityChange[]) => void,
): (changes: readonly IdentityChange[]) => void {
  return (changes) => {
    forget(changes);
    for (const tell of tells) {
      void tell({ changes }).then((told) => {
        if (!told.ok) log.warn({ changes: changes.length }, 'identity change not announced');
      });
    }
  };
}
