import { runOnce, ServiceError, type Sql, withTransaction } from '@clearinghouse/shared';
import type { Context } from 'koa';
import { callerOf } from './require-caller.ts';

/**
 * Where a request carries an Idempotency-Key, only the first with it goes on: the same one again
 * is refused instead of making another. What was made is shown once and never stored to be told
 * again.
 *
 * @throws ServiceError `conflict` for a repeat, `idempotency_mismatch` for another body.
 */
export async function claimOnce(
  deps: { readonly db: Sql },
  ctx: Context,
  input: { what: string; rawBody: Buffer },
): Promise<void> {
  const key = ctx.get('idempotency-key');
  if (key === '') return;
  const scope = `${callerOf(ctx).id} ${input.what}`;
  const claimed = await withTransaction(deps.db, (tx) =>
    runOnce(tx, { schema: 'auth', scope, key, rawInput: input.rawBody }, async () => ({
      status: 201,
      body: {},
    })),
  );
  if (claimed.replayed) throw new ServiceError('conflict');
}
