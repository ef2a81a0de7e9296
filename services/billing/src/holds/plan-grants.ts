import type { Principal } from '@clearinghouse/shared';
import { type CapOwner, capOwners, ownerKey } from '../caps/cap.ts';
import { type PrincipalRef, principalKey, principalRefs } from './check-principal.ts';
import type { NewHold } from './decide-holds.ts';
import { nonceKey, placeKey, sessionCreditDelta } from './hold.ts';
import type { HoldAsk, HoldPolicy } from './hold-book.ts';
import type { HoldTerms } from './hold-terms.ts';
import { priceHold } from './price-hold.ts';

/** A batch of which every hold can be granted, if the terms still stand. */
export type GrantPlan = {
  readonly fxId: bigint;
  /** In the order of the asks. */
  readonly holds: readonly NewHold[];
  /** In the order of their ids, which is the order of their locks. */
  readonly accounts: readonly AccountTake[];
  readonly who: readonly (PrincipalRef & { readonly appId: string })[];
  readonly owners: readonly OwnerTake[];
};

/** What the batch takes of one account. */
export type AccountTake = {
  readonly accountId: bigint;
  readonly appId: string;
  readonly markupBps: number | undefined;
  readonly takeMicros: bigint;
};

/** What the batch takes of one owner's caps. */
export type OwnerTake = CapOwner & {
  readonly chargeMicros: bigint;
  readonly creditWei: bigint;
  /** The sum of what is above zero: the most that any order of it can have outstanding. */
  readonly peakWei: bigint;
};

type Sums = { chargeMicros: bigint; creditWei: bigint; peakWei: bigint };
type Group = Sums & { readonly principal: Principal };

/**
 * Prices a batch under remembered terms. Pure, and before anything is locked.
 *
 * @returns `undefined` when the batch must be decided row by row: terms that are not known, a
 * charge out of range, or holds that are in each other's way.
 */
export function planGrants(
  asks: readonly HoldAsk[],
  terms: HoldTerms,
  policy: HoldPolicy,
): GrantPlan | undefined {
  const { price, accounts } = terms;
  if (!price || areInTheWay(asks)) return undefined;
  const holds: NewHold[] = [];
  const groups = new Map<string, Group>();
  for (const ask of asks) {
    const { item } = ask;
    const account = accounts.get(item.principal.appId);
    if (!account) return undefined;
    const markupBps = account.markupBps ?? policy.defaultMarkupBps;
    const priced = priceHold(item.feeWei, { ...price, markupBps });
    if (!priced) return undefined;
    holds.push({ ask, accountId: account.accountId, forkNo: 0, price: priced });
    const credit = sessionCreditDelta(item.ticketEvWei, item.feeWei);
    addTo(groupOf(groups, item.principal), priced.chargeHoldMicros, credit);
  }
  return { fxId: price.fxId, holds, ...sumUp([...groups.values()], terms) };
}

/** Two of one place in a session, or with nonces under one key, are for the careful way. */
function areInTheWay(asks: readonly HoldAsk[]): boolean {
  const seen = new Set<string>();
  for (const { item } of asks) {
    seen.add(placeKey(item.senderAddress, item.stateId, item.seq));
    seen.add(nonceKey(item.senderAddress, item.recipientRandHash));
  }
  return seen.size !== 2 * asks.length;
}

function groupOf(groups: Map<string, Group>, principal: Principal): Group {
  const { appId, subject, clientId, keyId, grantId, jti } = principal;
  // Ids hold no spaces.
  const key = `${appId} ${subject} ${clientId ?? ''} ${keyId ?? ''} ${grantId ?? ''} ${jti ?? ''}`;
  const known = groups.get(key);
  if (known) return known;
  const made = { principal, chargeMicros: 0n, creditWei: 0n, peakWei: 0n };
  groups.set(key, made);
  return made;
}

function addTo(sums: Sums, chargeMicros: bigint, creditWei: bigint): void {
  sums.chargeMicros += chargeMicros;
  sums.creditWei += creditWei;
  if (creditWei > 0n) sums.peakWei += creditWei;
}

function sumUp(
  groups: readonly Group[],
  terms: HoldTerms,
): Pick<GrantPlan, 'accounts' | 'who' | 'owners'> {
  const accounts = new Map<string, AccountTake>();
  const owners = new Map<string, CapOwner & Sums>();
  const who = new Map<string, PrincipalRef & { appId: string }>();
  for (const { principal, chargeMicros, creditWei, peakWei } of groups) {
    const { appId } = principal;
    const taken = accounts.get(appId)?.takeMicros ?? 0n;
    const account = terms.accounts.get(appId);
    if (!account) throw new Error('a priced hold without an account');
    accounts.set(appId, { ...account, appId, takeMicros: taken + chargeMicros });
    for (const owner of capOwners(principal)) {
      const key = ownerKey(owner);
      const before = owners.get(key) ?? { ...owner, ...NOTHING };
      owners.set(key, {
        ...owner,
        chargeMicros: before.chargeMicros + chargeMicros,
        creditWei: before.creditWei + creditWei,
        peakWei: before.peakWei + peakWei,
      });
    }
    for (const ref of principalRefs(principal)) {
      who.set(`${principalKey(ref)} ${appId}`, { ...ref, appId });
    }
  }
  return {
    accounts: [...accounts.values()].sort((a, b) => (a.accountId < b.accountId ? -1 : 1)),
    who: [...who.values()],
    owners: [...owners.values()],
  };
}

const NOTHING: Sums = { chargeMicros: 0n, creditWei: 0n, peakWei: 0n };
