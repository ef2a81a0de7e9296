import { alarmBodySchema, ServiceError } from '@clearinghouse/shared';
import type { Context } from 'koa';
import type { clearChainAlarm } from '../chain/clear-alarm.ts';
import type { readChains } from '../chain/read-chains.ts';
import { parseBody } from './parse-input.ts';
import type { Caller } from './require-forward.ts';

/** What these handlers call; bound to their deps by deps.ts. */
export type ChainOperations = {
  readonly readChains: () => ReturnType<typeof readChains>;
  readonly clearChainAlarm: (
    input: Parameters<typeof clearChainAlarm>[1],
  ) => ReturnType<typeof clearChainAlarm>;
};

/** GET the chains in the books, and the alarms about them. */
export async function getChainsRoute(ops: ChainOperations, ctx: Context): Promise<void> {
  ctx.body = await ops.readChains();
}

/** POST: an alarm is seen to. */
export async function clearChainAlarmRoute(
  ops: ChainOperations,
  ctx: Context,
  caller: Caller,
): Promise<void> {
  const alarm = parseBody(alarmBodySchema, caller.rawBody);
  if (!(await ops.clearChainAlarm(alarm))) throw new ServiceError('not_found');
  ctx.body = { cleared: alarm };
}
