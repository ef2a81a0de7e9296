import {
  type Database,
  type ErrorCode,
  forgetOnce,
  type Outcome,
  runOnce,
  ServiceError,
  type Sql,
} from '@clearinghouse/shared';
import type { Context } from 'koa';
import { type ChangeIdentityDeps, changeIdentity } from '../identity/change-identity.ts';
import { callerOf } from './require-caller.ts';

/**
 * Where a request carries an Idempotency-Key, makes something once: the same request again is refused
 * instead of making another. What was made is shown once and never stored to be told again. The key
 * is taken in the transaction of the work, and left free when that is refused.
 *
 * @param work what makes it, with the deps that put it into that transaction.
 * @throws ServiceError `conflict` for a repeat, `idempotency_mismatch` for another body.
 */
export async function makeOnce<Deps extends ChangeIdentityDeps, Made, Code extends ErrorCode>(
  deps: Deps,
  ctx: Context,
  input: {
    what: string;
    rawBody: Buffer;
    work: (deps: Deps) => Promise<Outcome<Made, Code>>;
  },
): Promise<Outcome<Made, Code>> {
  const { what, rawBody, work } = input;
  const key = ctx.get('idempotency-key');
  if (key === '') return work(deps);
  const claim = { schema: 'auth', scope: `${callerOf(ctx).id} ${what}`, key, rawInput: rawBody };
  return changeIdentity(deps, async (tx, record) => {
    let made: Outcome<Made, Code> | undefined;
    await runOnce(tx, claim, async () => {
      // Reads of the work are of the transaction too: it must not wait for a second connection.
      made = await work({ ...deps, db: tx as Database as Sql, within: { tx, record } });
      return { status: 201, body: {} };
    });
    if (made === undefined) throw new ServiceError('conflict');
    if (!made.ok) await forgetOnce(tx, claim);
    return made;
  });
}
