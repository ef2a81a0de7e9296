import { ServiceError } from '@clearinghouse/shared';
import type { Context } from 'koa';
import { z } from 'zod';
import type { clearChainAlarm } from '../chain/clear-alarm.ts';
import { CHAIN_ALARM_KINDS, type readChains } from '../chain/read-chains.ts';
import { LIMITS } from '../limits.ts';
import { parseBody } from './parse-input.ts';
import type { Caller } from './require-forward.ts';

/** What these handlers call; bound to their deps by deps.ts. */
export type ChainOperations = {
  readonly readChains: () => ReturnType<typeof readChains>;
  readonly clearChainAlarm: (
    input: Parameters<typeof clearChainAlarm>[1],
  ) => ReturnType<typeof clearChainAlarm>;
};

const alarmSchema = z.object({
  kind: z.enum(CHAIN_ALARM_KINDS),
  subject: z.string().min(1).max(LIMITS.reasonCharsMax),
});

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
  const alarm = parseBody(alarmSchema, caller.rawBody);
  if (!(await ops.clearChainAlarm(alarm))) throw new ServiceError('not_found');
  ctx.body = { cleared: alarm };
}
