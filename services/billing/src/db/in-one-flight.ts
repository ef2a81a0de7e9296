import { sqlState } from '@clearinghouse/shared';

/** The transaction has failed already: what follows says nothing of the cause. */
const IN_FAILED_TRANSACTION = '25P02';

/**
 * Waits for statements that were sent together in one transaction. All of them end before this
 * does, so that none is still on its way when the transaction is rolled back.
 *
 * @throws what the first of them that failed threw.
 */
export async function inOneFlight<T extends readonly unknown[]>(
  statements: readonly [...{ [K in keyof T]: PromiseLike<T[K]> }],
): Promise<T> {
  const results = await Promise.allSettled(statements);
  const reasons = results.flatMap((result) =>
    result.status === 'rejected' ? [result.reason as unknown] : [],
  );
  if (reasons.length > 0) {
    throw reasons.find((reason) => sqlState(reason) !== IN_FAILED_TRANSACTION) ?? reasons[0];
  }
  return results.map((result) => (result as PromiseFulfilledResult<unknown>).value) as never;
}
