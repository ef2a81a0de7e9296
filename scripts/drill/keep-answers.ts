import { hash } from 'node:crypto';
import type { Answer } from './post-payment.ts';

/** What a session goes on with. */
export type SignedState = { readonly State: string; readonly Sig: string };

/** Every answer that a client received. */
export type AnswerBook = {
  /** Notes an answer; gives the state when it is a payment. */
  readonly note: (answer: Answer) => SignedState | undefined;
  /** SHA-256 of the new state, in hex, of each different payment received. */
  readonly stateHashes: () => Iterable<string>;
  readonly payments: () => number;
  readonly byStatus: () => Readonly<Record<string, number>>;
  /** Answers of one payment that were not the same bytes. */
  readonly differing: () => number;
  /** Statuses that no fault explains, with a sample of the body. */
  readonly unexpected: () => ReadonlyMap<string, string>;
};

/** 402: the poor app is out of money; 409: too many forks; 480: a refresh; 503: something died. */
const EXPECTED = new Set(['200', '402', '409', '480', '503', 'lost']);
const SAMPLE_CHARS = 200;

/** Makes an empty book. */
export function keepAnswers(): AnswerBook {
  const bodies = new Map<string, string>();
  const byStatus: Record<string, number> = {};
  const unexpected = new Map<string, string>();
  let differing = 0;
  return {
    note: (answer) => {
      const status = answer === 'lost' ? 'lost' : String(answer.status);
      byStatus[status] = (byStatus[status] ?? 0) + 1;
      if (answer === 'lost') return undefined;
      if (!EXPECTED.has(status)) unexpected.set(status, answer.body.slice(0, SAMPLE_CHARS));
      if (answer.status !== 200) return undefined;
      const { state } = JSON.parse(answer.body) as { state: SignedState };
      const stateHash = hash('sha256', Buffer.from(state.State, 'base64'), 'hex');
      const bodyHash = hash('sha256', answer.body, 'base64');
      const known = bodies.get(stateHash);
      if (known !== undefined && known !== bodyHash) differing += 1;
      bodies.set(stateHash, known ?? bodyHash);
      return state;
    },
    stateHashes: () => bodies.keys(),
    payments: () => bodies.size,
    byStatus: () => byStatus,
    differing: () => differing,
    unexpected: () => unexpected,
  };
}
