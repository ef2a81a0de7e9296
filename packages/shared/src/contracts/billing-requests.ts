import { z } from 'zod';
import { CONTRACT_LIMITS, idField, microUsdField, textField, weiField } from './fields.ts';

/** Bounds of what is asked of billing through the front door. */
export const BILLING_REQUEST_LIMITS = {
  pageItemsMax: 200,
  /** One posting of credit, in micro-USD: a million dollars. */
  creditMicrosMax: 1_000_000_000_000n,
  reasonCharsMax: 200,
} as const;

const LIMITS = BILLING_REQUEST_LIMITS;
const DATE = /^\d{4}-\d{2}-\d{2}(T[0-9:.]+(Z|[+-]\d{2}:\d{2})?)?$/;

/** Alarms about chains that an operator may clear. */
export const CHAIN_ALARM_KINDS = ['redemption_unknown', 'chain_funds_differ'] as const;

/** A credit: a posting in the ledger. */
export const creditBodySchema = z.object({
  amountMicros: microUsdField.refine(
    (amount) => amount > 0n && amount <= LIMITS.creditMicrosMax,
    'must be above zero and at most 10^12',
  ),
  reason: textField(LIMITS.reasonCharsMax).min(1),
});

const capSchema = z
  .object({
    scope: z.enum(['app', 'user', 'key']),
    scopeId: idField.optional(),
    metric: z.enum(['charge_micros', 'session_credit_wei']),
    period: z.enum(['day', 'month', 'total']),
    /** Decimal text; null removes the cap, or returns session credit to the default. */
    limit: z.union([z.null(), weiField]),
  })
  .refine((cap) => (cap.scope === 'app') === (cap.scopeId === undefined), {
    path: ['scopeId'],
    message: 'names a user or a key, and is absent for the app',
  })
  .refine((cap) => cap.metric === 'charge_micros' || cap.period === 'day', {
    path: ['period'],
    message: 'session credit is counted by day',
  });

/** Caps: those named are set, those with a null limit removed, the others left. */
export const capsBodySchema = z.object({
  caps: z.array(capSchema).min(1).max(LIMITS.pageItemsMax),
});

/** A page of the ledger. */
export const ledgerQuerySchema = z.object({
  cursor: z.string().max(CONTRACT_LIMITS.idCharsMax).optional(),
  limit: z.coerce.number().int().min(1).max(LIMITS.pageItemsMax).default(LIMITS.pageItemsMax),
});

/** An alarm that was seen to. */
export const alarmBodySchema = z.object({
  kind: z.enum(CHAIN_ALARM_KINDS),
  subject: z.string().min(1).max(LIMITS.reasonCharsMax),
});

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

/** What part of the usage; a user goes by any of four names, as clients send it. */
export const usageQuerySchema = z.object({
  startDate: dayField.optional(),
  endDate: dayField.optional(),
  groupBy: z.enum(['user', 'pipeline_model', 'daily_pipeline']).optional(),
  userId: userField.optional(),
  user_id: userField.optional(),
  externalUserId: userField.optional(),
  external_id: userField.optional(),
});

/** Whose balance; of the app where no user is named. */
export const balanceQuerySchema = z.object({
  externalUserId: userField.optional(),
  external_id: userField.optional(),
});
