import type { EthUsdE8 } from '@clearinghouse/shared';
import type { BatchDecision } from './decide-holds.ts';
import type { HoldAsk, HoldBook } from './hold-book.ts';

/** What a process remembers of an app's account. */
export type AccountTerms = {
  readonly accountId: bigint;
  /** The app's own markup; absent means the default. */
  readonly markupBps: number | undefined;
};

/**
 * The terms under which the last batches were decided. A guess, to price the next batch before
 * the database is asked; the statement that grants it reads all of this again.
 */
export type HoldTerms = {
  price: { readonly fxId: bigint; readonly priceE8: EthUsdE8 } | undefined;
  /** By app; only those whose last batch had nothing refused. */
  readonly accounts: Map<string, AccountTerms>;
};

/** How many apps are remembered; beyond it the oldest are forgotten. */
const ACCOUNTS_MAX = 10_000;

/** Remembers nothing yet. */
export function openHoldTerms(): HoldTerms {
  return { price: undefined, accounts: new Map() };
}

/**
 * Learns from a batch that was decided row by row. An app of which something was refused is not
 * remembered: its next batch would be declined and decided twice.
 */
export function learnTerms(
  terms: HoldTerms,
  decided: { asks: readonly HoldAsk[]; book: HoldBook; batch: BatchDecision },
): void {
  const { price, accounts } = decided.book;
  terms.price = price && { fxId: price.fxId, priceE8: price.priceE8 };
  const refused = new Set(
    decided.batch.decisions.flatMap(({ kind }, index) =>
      kind === 'refused' ? (decided.asks[index]?.item.principal.appId ?? []) : [],
    ),
  );
  for (const [appId, { accountId, markupBps }] of accounts) {
    terms.accounts.delete(appId);
    if (!refused.has(appId)) terms.accounts.set(appId, { accountId, markupBps });
  }
  for (const appId of terms.accounts.keys()) {
    if (terms.accounts.size <= ACCOUNTS_MAX) break;
    terms.accounts.delete(appId);
  }
}
