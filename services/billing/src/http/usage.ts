import { balanceQuerySchema, ServiceError, usageQuerySchema } from '@clearinghouse/shared';
import type { Context } from 'koa';
import type { z } from 'zod';
import { LIMITS } from '../limits.ts';
import type { readUserBalance } from '../usage/read-user-balance.ts';
import type { summariseUsage } from '../usage/summarise-usage.ts';
import { parseInput } from './parse-input.ts';
import type { Caller } from './require-forward.ts';

/** What these handlers call; bound to their deps by deps.ts. */
export type UsageOperations = {
  readonly summariseUsage: (
    input: Parameters<typeof summariseUsage>[1],
  ) => ReturnType<typeof summariseUsage>;
  readonly readUserBalance: (
    input: Parameters<typeof readUserBalance>[1],
  ) => ReturnType<typeof readUserBalance>;
};

const MS_PER_DAY = 86_400_000;
/** GET usage of an app: for its backend or the operator. */
export async function getUsage(ops: UsageOperations, ctx: Context, appId: string): Promise<void> {
  const { user_id, userId, external_id, externalUserId, ...rest } = parseUsageQuery(ctx);
  const user = userId ?? user_id ?? externalUserId ?? external_id;
  ctx.body = await ops.summariseUsage(toUsageInput(appId, user, rest));
}

/** GET a user's own usage, whatever user the query names. */
export async function getOwnUsage(
  ops: UsageOperations,
  ctx: Context,
  caller: Caller,
): Promise<void> {
  const { appId, user } = ownOf(caller);
  ctx.body = await ops.summariseUsage(toUsageInput(appId, user, parseUsageQuery(ctx)));
}

/** GET what a user of an app, or the app as a whole, may still spend. */
export async function getUserBalance(
  ops: UsageOperations,
  ctx: Context,
  appId: string,
): Promise<void> {
  const query = parseInput(balanceQuerySchema, { ...ctx.query }, 'query');
  const user = query.externalUserId ?? query.external_id;
  ctx.body = await ops.readUserBalance({ appId, user });
}

/** GET what the user who asks may still spend. */
export async function getOwnBalance(
  ops: UsageOperations,
  ctx: Context,
  caller: Caller,
): Promise<void> {
  ctx.body = await ops.readUserBalance(ownOf(caller));
}

function ownOf({ claims }: Caller): { appId: string; user: string } {
  if (claims.app === undefined || !claims.subject.startsWith('usr_')) {
    throw new ServiceError('insufficient_scope');
  }
  return { appId: claims.app, user: claims.subject };
}

type ParsedUsageQuery = z.output<typeof usageQuerySchema>;

function parseUsageQuery(ctx: Context): ParsedUsageQuery {
  const query = parseInput(usageQuerySchema, { ...ctx.query }, 'query');
  const { startDate, endDate } = query;
  if (startDate !== undefined) {
    const endMs = endDate === undefined ? Date.now() : Date.parse(endDate);
    const days = (endMs - Date.parse(startDate)) / MS_PER_DAY;
    if (days < 0 || days > LIMITS.usageRangeDaysMax) {
      throw new ServiceError('invalid_request', {
        publicMessage: `query.startDate: the range is 0 to ${LIMITS.usageRangeDaysMax} days`,
      });
    }
  }
  return query;
}

function toUsageInput(
  appId: string,
  user: string | undefined,
  query: Pick<ParsedUsageQuery, 'startDate' | 'endDate' | 'groupBy'>,
) {
  return { appId, user, from: query.startDate, to: query.endDate, groupBy: query.groupBy };
}
