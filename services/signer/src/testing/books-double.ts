import {
  type Ask,
  type BlockRef,
  type ChainEvent,
  type ChainReply,
  chainRequestSchema,
  type SenderFundsAt,
} from '@clearinghouse/shared';

/** Billing's view of one chain, kept in memory by billing's own rules. */
export type BooksDouble = {
  readonly ask: Ask<ChainReply>;
  readonly chains: Map<string, KeptChain>;
  /** The only chain. */
  readonly kept: () => KeptChain;
  /** Steps as they came, with whether they were taken. */
  readonly steps: { readonly kind: string; readonly accepted: boolean }[];
  /** Billing takes the step, and its answer is lost, this many times. */
  lostAnswers: number;
};

type KeptChain = {
  cursor: BlockRef;
  checkpoints: BlockRef[];
  senders: string[];
  events: ChainEvent[];
  observed: SenderFundsAt[];
};

/** Makes empty books. */
export function openBooksDouble(): BooksDouble {
  const chains = new Map<string, KeptChain>();
  const steps: BooksDouble['steps'] = [];
  const books: BooksDouble = {
    chains,
    steps,
    lostAnswers: 0,
    kept: () => {
      const [only] = chains.values();
      if (!only) throw new Error('no chain was opened');
      return only;
    },
    ask: async (body) => {
      const { chain, step } = chainRequestSchema.parse(body);
      const accepted = takeStep(chains, chain, step);
      steps.push({ kind: step.kind, accepted });
      if (books.lostAnswers > 0) {
        books.lostAnswers -= 1;
        return { ok: false, code: 'hold_timeout' };
      }
      const kept = chains.get(chain);
      return {
        ok: true,
        value: {
          accepted,
          cursor: kept?.cursor ?? null,
          checkpoints: [...(kept?.checkpoints ?? [])].reverse(),
          senders: (kept?.senders ?? []) as ChainReply['senders'],
        },
      };
    },
  };
  return books;
}

type Step = ReturnType<typeof chainRequestSchema.parse>['step'];

function takeStep(chains: Map<string, KeptChain>, chain: string, step: Step): boolean {
  if (step.kind === 'read') return true;
  const kept = chains.get(chain);
  if (step.kind === 'open') {
    const senders = step.accounts.map(({ sender }) => sender);
    if (!kept) {
      const { at: cursor, accounts: observed } = step;
      chains.set(chain, { cursor, checkpoints: [cursor], senders, events: [], observed });
      return true;
    }
    if (!isSame(kept.cursor, step.at)) return false;
    kept.senders.push(...senders);
    return true;
  }
  if (!kept || !isSame(kept.cursor, step.after)) return false;
  if (step.kind === 'rewind') {
    if (!kept.checkpoints.some((one) => isSame(one, step.to))) return false;
    kept.checkpoints = kept.checkpoints.filter(({ number }) => number <= step.to.number);
    kept.events = kept.events.filter(({ block }) => block.number <= step.to.number);
  } else {
    kept.events.push(...step.events);
    kept.observed = step.observed;
    kept.checkpoints.push(step.to);
  }
  kept.cursor = step.to;
  return true;
}

function isSame(one: BlockRef, other: BlockRef | null): boolean {
  return one.number === other?.number && one.hash === other.hash;
}
