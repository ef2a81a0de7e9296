import type { HoldAnswerWire, Sql } from '@clearinghouse/shared';
import { toArrayLiteral } from '../db/array-literal.ts';
import { MUST_BE_ACTIVE } from './check-principal.ts';
import { toGrantWire } from './grant-answer.ts';
import type { HoldPolicy } from './hold-book.ts';
import { GRANT_COLUMNS, toColumnArrays } from './hold-columns.ts';
import { joinHoldId, mintIdTails, toTimeHex } from './mint-hold-id.ts';
import type { GrantPlan } from './plan-grants.ts';

/**
 * Grants a planned batch in one statement, which is its own transaction: one round trip. The
 * statement checks all that the plan assumed, under the locks; see its migration.
 *
 * @returns the grants, committed; `undefined` when the statement declined and wrote nothing.
 * @throws 23505 when another process took one of the batch's unique keys: nothing was written.
 */
export async function grantHolds(
  deps: { readonly sql: Sql; readonly policy: HoldPolicy },
  plan: GrantPlan,
): Promise<HoldAnswerWire[] | undefined> {
  const tails = mintIdTails(plan.holds.length);
  const parameters = [...toScalars(plan, deps.policy), ...toLists(plan, deps.policy)];
  const columns = toColumnArrays(GRANT_COLUMNS, plan.holds);
  const [row] = await deps.sql.unsafe<{ now_ms: bigint }[]>(
    GRANT,
    [...parameters, `{${tails.join(',')}}`, ...columns],
    { prepare: true },
  );
  if (!row) throw new Error('the database gave no time');
  if (row.now_ms < 0n) return undefined;
  const timeHex = toTimeHex(Number(row.now_ms));
  return plan.holds.map(({ ask, forkNo }, index) =>
    toGrantWire({
      holdId: joinHoldId(timeHex, tails[index] as string),
      forkNo,
      replayed: false,
      requestHash: ask.item.requestHash,
      rebuild: ask.item.rebuild,
    }),
  );
}

/** The statement's arguments by name, so that none can take another's place unseen. */
const ARGUMENTS: readonly (readonly [name: string, type: string])[] = [
  ['fx', 'bigint'],
  ['fx_age_max_ms', 'bigint'],
  ['ttl_ms', 'bigint'],
  ['account_ids', 'bigint[]'],
  ['account_apps', 'text[]'],
  ['account_markups', 'integer[]'],
  ['account_takes', 'numeric[]'],
  ['who_kinds', 'text[]'],
  ['who_ids', 'text[]'],
  ['who_apps', 'text[]'],
  ['who_required', 'boolean[]'],
  ['owner_apps', 'text[]'],
  ['owner_scopes', 'text[]'],
  ['owner_ids', 'text[]'],
  ['owner_charges', 'numeric[]'],
  ['owner_credits', 'numeric[]'],
  ['owner_peaks', 'numeric[]'],
  ['owner_credit_limits', 'numeric[]'],
  ['new_id_tail', 'text[]'],
  ...GRANT_COLUMNS.map(({ name, type }) => [`new_${name}`, `${type}[]`] as const),
];
const GRANT = `select billing.grant_holds(
  ${ARGUMENTS.map(([name, type], at) => `${name} => $${at + 1}::text::${type}`).join(', ')}
) as now_ms`;

function toScalars(plan: GrantPlan, policy: HoldPolicy): string[] {
  return [plan.fxId, policy.fxMaxAgeMs, policy.holdTtlMs].map(String);
}

function toLists({ accounts, who, owners }: GrantPlan, policy: HoldPolicy): string[] {
  const limits = policy.sessionCreditLimits;
  return [
    accounts.map(({ accountId }) => accountId),
    accounts.map(({ appId }) => appId),
    accounts.map(({ markupBps }) => markupBps),
    accounts.map(({ takeMicros }) => takeMicros),
    who.map(({ kind }) => kind),
    who.map(({ id }) => id),
    who.map(({ appId }) => appId),
    who.map(({ kind }) => MUST_BE_ACTIVE.has(kind)),
    owners.map(({ appId }) => appId),
    owners.map(({ scope }) => scope),
    owners.map(({ scopeId }) => scopeId),
    owners.map(({ chargeMicros }) => chargeMicros),
    owners.map(({ creditWei }) => creditWei),
    owners.map(({ peakWei }) => peakWei),
    owners.map(({ scope }) => limits[scope]),
  ].map(toArrayLiteral);
}
