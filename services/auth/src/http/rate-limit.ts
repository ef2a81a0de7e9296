import { ServiceError } from '@clearinghouse/shared';
import type { Context, Middleware } from 'koa';
import type { ConsumeRate, RateOutcome, RateRule } from '../rate-limits/rate-limit.ts';

/**
 * Writes what is left of a rule: the `RateLimit-*` headers, and `Retry-After` when nothing is.
 *
 * @throws ServiceError `rate_limited` (429) when the outcome is a refusal.
 */
export function applyRate(ctx: Context, outcome: RateOutcome): void {
  writeRateHeaders(ctx, outcome);
  if (!outcome.ok) throw new ServiceError('rate_limited');
}

/** Writes the headers alone, for surfaces with an error body of their own. */
export function writeRateHeaders(ctx: Context, outcome: RateOutcome): void {
  const { limit, remaining, resetSec } = outcome;
  if (limit !== undefined) ctx.set('RateLimit-Limit', String(limit));
  if (remaining !== undefined) ctx.set('RateLimit-Remaining', String(remaining));
  if (resetSec !== undefined) ctx.set('RateLimit-Reset', String(resetSec));
  if (!outcome.ok) ctx.set('Retry-After', String(outcome.retryAfterSec));
}

/**
 * Counts each request under a rule before anything else is done for it; beyond the rule it is
 * answered 429 `rate_limited` with `Retry-After`.
 *
 * @param keyOf what is counted, by default the caller's address.
 */
export function rateLimit(
  deps: { readonly consumeRate: ConsumeRate },
  rule: RateRule,
  keyOf: (ctx: Context) => string = ipOf,
): Middleware {
  return async (ctx, next) => {
    applyRate(ctx as Context, await deps.consumeRate(rule, keyOf(ctx as Context)));
    await next();
  };
}

/** Counts an invitation: by who invites, and by who gets the mail, whoever sends it. */
export async function limitInvitations(
  deps: { readonly consumeRate: ConsumeRate },
  ctx: Context,
  invitation: { actor: string; email: string },
): Promise<void> {
  applyRate(ctx, await deps.consumeRate('invite_account', invitation.actor));
  applyRate(ctx, await deps.consumeRate('mail_account', invitation.email.toLowerCase()));
}

/**
 * The address by which a caller is counted. Whoever has one IPv6 address has 2^64 of them: those
 * are counted by their /64.
 */
export function ipOf(ctx: { readonly ip: string }): string {
  const ip = ctx.ip.replace(/^::ffff:(?=\d+\.)/, '');
  if (!ip.includes(':')) return ip;
  const [head = '', tail] = ip.split('::');
  const left = head.split(':').filter((part) => part !== '');
  const right = tail === undefined ? [] : tail.split(':').filter((part) => part !== '');
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0');
  const all = tail === undefined ? left : [...left, ...zeros, ...right];
  return `${all.slice(0, 4).join(':')}::/64`;
}
