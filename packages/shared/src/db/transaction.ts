import type { Sql, Transaction } from './connect.ts';

/** SQLSTATEs after which the same transaction may simply be run again. */
const RETRYABLE = new Set(['40001', '40P01', '57P03', '55P03']);
const ATTEMPTS_MAX = 5;
const BACKOFF_MS = 10;

/** True for faults of the connection itself, where nothing was committed or the answer is unknown. */
function isConnectionFault(code: string): boolean {
  return code.startsWith('08') || code === 'CONNECTION_CLOSED' || code === 'CONNECTION_ENDED';
}

/** The SQLSTATE (or driver code) of a fault, or an empty text. */
export function sqlState(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'code' in error) {
    return String((error as { code: unknown }).code);
  }
  return '';
}

/**
 * Runs work in one transaction and runs it again after a deadlock or serialization failure.
 * With `idempotent: true` it also retries lost connections, where the first try may have
 * committed: only for work that is guarded by a unique key.
 */
export async function withTransaction<T>(
  sql: Sql,
  work: (tx: Transaction) => Promise<T>,
  options: { idempotent?: boolean } = {},
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return (await sql.begin(work)) as T;
    } catch (error) {
      const code = sqlState(error);
      const again = RETRYABLE.has(code) || (options.idempotent === true && isConnectionFault(code));
      if (!again || attempt >= ATTEMPTS_MAX) throw error;
      await new Promise((resolve) => setTimeout(resolve, BACKOFF_MS * 2 ** attempt));
    }
  }
}
