import { randomBytes } from 'node:crypto';
import { makeSession } from '../../bench/payments/make-session.ts';
import type { Random } from './create-random.ts';
import type { SignedState } from './keep-answers.ts';

/** A session of a gateway with one orchestrator. */
export type DrillSession = {
  /** The body of the next payment, with a fee of its own. */
  readonly next: (state: SignedState | undefined) => string;
  /** Another payment from a state that was used already, with fresh ticket params. */
  readonly fork: (state: SignedState) => string;
};

const UNITS = /"inPixels":\d+/;
const ORCHESTRATOR = /"orchestrator":"[^"]*"/;
/** One wei to 10^9 below the value of a ticket, so that charges have fractions of a micro-USD. */
const FEE_LEAST = 999_000_000_000;
const FEE_SPREAD = 999_999_999;

/** Makes a session with ticket params of its own. */
export function openSession(random: Random): DrillSession {
  const orchestrator = randomBytes(20);
  const { before, after } = makeSession(orchestrator);
  const bodyOf = (state: SignedState | undefined, rest: string) => {
    const units = FEE_LEAST + random.between(0, FEE_SPREAD);
    const text = JSON.stringify(state ?? { State: null, Sig: null });
    return `${before}${text}${rest.replace(UNITS, `"inPixels":${units}`)}`;
  };
  return {
    next: (state) => bodyOf(state, after),
    fork: (state) => {
      const other = ORCHESTRATOR.exec(makeSession(orchestrator).after)?.[0] ?? '';
      return bodyOf(state, after.replace(ORCHESTRATOR, other));
    },
  };
}
