import {
  capsBodySchema,
  creditBodySchema,
  idField,
  ledgerQuerySchema,
  REPLAYED_HEADER,
  ServiceError,
} from '@clearinghouse/shared';
import type { Context } from 'koa';
import { z } from 'zod';
import type { putCaps } from '../caps/put-caps.ts';
import type { CapView } from '../caps/read-caps.ts';
import type { postCredit } from '../credits/post-credit.ts';
import type { AppBalance } from '../ledger/read-balance.ts';
import type { AccountSum, LedgerLine } from '../ledger/read-ledger.ts';
import { LIMITS } from '../limits.ts';
import { parseBody, parseInput } from './parse-input.ts';
import type { Caller } from './require-forward.ts';

/** What these handlers call; bound to their deps by deps.ts. */
export type OperatorOperations = {
  readonly postCredit: (input: Parameters<typeof postCredit>[1]) => ReturnType<typeof postCredit>;
  readonly readBalance: (appId: string) => Promise<AppBalance | undefined>;
  readonly putCaps: (input: Parameters<typeof putCaps>[1]) => Promise<void>;
  readonly readCaps: (input: { appId: string; itemsMax: number }) => Promise<readonly CapView[]>;
  readonly readLedger: (input: {
    appId: string;
    before: string | undefined;
    itemsMax: number;
  }) => Promise<readonly LedgerLine[]>;
  readonly sumLedger: (appId: string) => Promise<readonly AccountSum[]>;
};

/** POST credit: 201, or the first answer again with `Idempotency-Replayed`. */
export async function postCreditRoute(
  ops: OperatorOperations,
  ctx: Context,
  appId: string,
  caller: Caller,
): Promise<void> {
  const body = parseBody(creditBodySchema, caller.rawBody);
  const answer = await ops.postCredit({
    appId: parseInput(idField, appId, 'appId'),
    ...body,
    idempotencyKey: ctx.get('idempotency-key') || undefined,
    rawInput: caller.rawBody,
  });
  ctx.status = answer.status;
  if (answer.replayed) ctx.set(REPLAYED_HEADER, 'true');
  ctx.body = answer.body;
}

/** GET balance; an app without an account has nothing, which is not an error. */
export async function getBalanceRoute(
  ops: OperatorOperations,
  ctx: Context,
  appId: string,
): Promise<void> {
  const balance = await ops.readBalance(appId);
  ctx.body = {
    appId,
    currency: 'USD',
    postedMicros: (balance?.postedMicros ?? 0n).toString(),
    heldMicros: (balance?.heldMicros ?? 0n).toString(),
    availableMicros: (balance?.availableMicros ?? 0n).toString(),
    creditLimitMicros: (balance?.creditLimitMicros ?? 0n).toString(),
    owedMicros: (balance?.owedMicros ?? 0n).toString(),
    grantedMicros: (balance?.grantedMicros ?? 0n).toString(),
    isSuspended: balance?.isSuspended ?? false,
  };
}

/** PUT caps: sets those named, removes those with a null limit, leaves the others. */
export async function putCapsRoute(
  ops: OperatorOperations,
  ctx: Context,
  appId: string,
  caller: Caller,
): Promise<void> {
  const { caps } = parseBody(capsBodySchema, caller.rawBody);
  await ops.putCaps({
    appId,
    caps: caps.map((cap) => ({
      ...cap,
      scopeId: cap.scopeId ?? appId,
      limit: cap.limit ?? undefined,
    })),
  });
  await getCapsRoute(ops, ctx, appId);
}

/** GET caps with where they stand. */
export async function getCapsRoute(
  ops: OperatorOperations,
  ctx: Context,
  appId: string,
): Promise<void> {
  const caps = await ops.readCaps({ appId, itemsMax: LIMITS.usageRowsMax });
  ctx.body = {
    appId,
    caps: caps.map((cap) => ({
      ...cap,
      limit: cap.limit?.toString() ?? null,
      used: cap.used.toString(),
      held: cap.held.toString(),
    })),
  };
}

/** GET the ledger of an app, newest first; the first page has the sums by account too. */
export async function getLedgerRoute(
  ops: OperatorOperations,
  ctx: Context,
  appId: string,
): Promise<void> {
  const { cursor, limit } = parseInput(ledgerQuerySchema, { ...ctx.query }, 'query');
  const before = cursor === undefined ? undefined : parseCursor(cursor);
  const transactions = await ops.readLedger({ appId, before, itemsMax: limit });
  const last = transactions.length === limit ? transactions.at(-1) : undefined;
  ctx.body = {
    appId,
    transactions,
    nextCursor: last ? Buffer.from(last.id).toString('base64url') : null,
    ...(before === undefined ? { accounts: await ops.sumLedger(appId) } : {}),
  };
}

function parseCursor(cursor: string): string {
  const id = z.uuid().safeParse(Buffer.from(cursor, 'base64url').toString('utf8'));
  if (!id.success) throw new ServiceError('invalid_request', { publicMessage: 'query.cursor' });
  return id.data;
}
