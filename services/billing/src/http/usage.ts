import { CONTRACT_LIMITS, ServiceError, textField } from '@clearinghouse/shared';
import type { Context } from 'koa';
import { z } from 'zod';
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
const DATE = /^\d{4}-\d{2}-\d{2}(T[0-9:.]+(Z|[+-]\d{2}:\d{2})?)?$/;

/** A date or a time; its UTC day. */
const dayField = z.string().transform((text, ctx) => {
  const ms = DATE.test(text) ? Date.parse(text) : Number.NaN;
  const day = Number.isNaN(ms) ? '' : new Date(ms).toISOString().slice(0, 10);
  // Date.parse rolls 31 June over; a date that is not itself again is not a date.
  if (day === '' || (text.length === 10 && day !== text) || !/^20\d\d-/.test(day)) {
    ctx.addIssue({ code: 'custom', message: 'not a date from 2000 to 2099' });
    return z.NEVER;
  }
  return day;
});

const userField = textField(CONTRACT_LIMITS.externalUserIdCharsMax).min(1);

const usageQuerySchema = z.object({
  startDate: dayField.optional(),
  endDate: dayField.optional(),
  groupBy: z.enum(['user', 'pipeline_model', 'daily_pipeline']).optional(),
  userId: userField.optional(),
  user_id: userField.optional(),
  externalUserId: userField.optional(),
  external_id: userField.optional(),
});

const balanceQuerySchema = z.object({
  externalUserId: userField.optional(),
  external_id: userField.optional(),
});

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
