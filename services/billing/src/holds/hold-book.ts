import type { EthUsdE8, PrincipalKind } from '@clearinghouse/shared';
import type { CapLine, CapOwner } from '../caps/cap.ts';
import type { SessionCreditLimits } from '../caps/cap-book.ts';
import type { CheckedItem } from './checked-item.ts';
import type { KnownHold, NonceRange } from './hold.ts';

/** One hold that is asked for, parsed, with who asks. */
export type HoldAsk = { readonly replicaId: string; readonly item: CheckedItem };

/** The prepaid account of an app, its balance locked. */
export type AccountLine = {
  readonly accountId: bigint;
  readonly appId: string;
  readonly posted: bigint;
  readonly held: bigint;
  readonly creditLimit: bigint;
  /** The app's own markup; absent means the default. */
  readonly markupBps: number | undefined;
  readonly isSuspended: boolean;
};

/** What auth says of one identity, read in the transaction of the hold. */
export type PrincipalLine = {
  readonly kind: PrincipalKind;
  readonly id: string;
  readonly appId: string;
  readonly status: 'active' | 'suspended' | 'revoked';
};

/** The nonces of a stored hold, under the key within which ranges must not overlap. */
export type StoredRange = NonceRange & { readonly key: string };

/** The latest price, if there is one. */
export type PriceLine = {
  readonly fxId: bigint;
  readonly priceE8: EthUsdE8;
  readonly ageMs: number;
};

/** Everything that decides a batch, read under the locks of the balances it touches. */
export type HoldBook = {
  /** The database's clock, milliseconds. */
  readonly nowMs: number;
  readonly price: PriceLine | undefined;
  readonly accounts: ReadonlyMap<string, AccountLine>;
  readonly caps: readonly CapLine[];
  /** By `kind id`. */
  readonly principals: ReadonlyMap<string, PrincipalLine>;
  readonly known: readonly KnownHold[];
  readonly ranges: readonly StoredRange[];
};

/** What to read for a batch: every list without duplicates. */
export type HoldBookQuery = {
  readonly appIds: readonly string[];
  readonly capOwners: readonly CapOwner[];
  readonly principals: readonly { readonly kind: PrincipalKind; readonly id: string }[];
  readonly asks: readonly HoldAsk[];
};

/** The rules of this deployment. */
export type HoldPolicy = {
  readonly defaultMarkupBps: number;
  readonly fxMaxAgeMs: number;
  readonly holdTtlMs: number;
  readonly sessionCreditLimits: SessionCreditLimits;
};
