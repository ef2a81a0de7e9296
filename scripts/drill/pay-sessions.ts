import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from './create-random.ts';
import type { AnswerBook, SignedState } from './keep-answers.ts';
import type { Payer } from './open-payers.ts';
import { type DrillSession, openSession } from './open-session.ts';
import type { Poster } from './post-payment.ts';

/** What the payers share. */
export type PayDeps = {
  readonly poster: Poster;
  readonly answers: AnswerBook;
  readonly random: Random;
  readonly signerUrls: readonly [string, ...string[]];
  readonly isDone: () => boolean;
};

type Line = { readonly body: string; readonly state: SignedState | undefined };
type Turn = { readonly deps: PayDeps; readonly payer: Payer; readonly session: DrillSession };

const SESSION_CALLS_MIN = 5;
const SESSION_CALLS_MAX = 150;
const ATTEMPTS_MAX = 60;
const HANG_UP_MS_MAX = 40;
const BREATH_MS_MIN = 100;
const BREATH_MS_MAX = 500;

/** Pays with one payer, session after session, until the drill is done. */
export async function paySessions(deps: PayDeps, payer: Payer): Promise<void> {
  while (!deps.isDone()) await paySession({ deps, payer, session: openSession(deps.random) });
}

/** One session; it ends when it is long enough or the signer asks for a new one. */
async function paySession(turn: Turn): Promise<void> {
  const { deps, session } = turn;
  const past: Line[] = [];
  let state: SignedState | undefined;
  const calls = deps.random.between(SESSION_CALLS_MIN, SESSION_CALLS_MAX);
  for (let call = 0; call < calls && !deps.isDone(); call += 1) {
    const line = { body: session.next(state), state };
    const paid = await playTrick(turn, line, past);
    if (paid === undefined) return;
    past.push(line);
    state = paid;
  }
}

/** Sends one payment in one of the ways in which a network goes wrong. */
async function playTrick(
  turn: Turn,
  line: Line,
  past: readonly Line[],
): Promise<SignedState | undefined> {
  const share = turn.deps.random.share();
  if (share < 0.06) return (await sendTogether(turn, line.body, 2)) ?? persist(turn, line.body);
  if (share < 0.07) return (await sendTogether(turn, line.body, 8)) ?? persist(turn, line.body);
  if (share < 0.12) await loseAnswer(turn, line.body);
  else if (share < 0.15) await sendLate(turn, past);
  else if (share < 0.18) await forkPast(turn, past);
  return persist(turn, line.body);
}

/** The same request several times at once, over all signers. */
async function sendTogether(
  turn: Turn,
  body: string,
  times: number,
): Promise<SignedState | undefined> {
  const { signerUrls } = turn.deps;
  const states = await Promise.all(
    Array.from({ length: times }, (_, index) => send(turn, body, signerUrls[index % 2])),
  );
  return states.find((state) => typeof state === 'object');
}

/** The client goes away while the signer works. */
async function loseAnswer({ deps, payer }: Turn, body: string): Promise<void> {
  const { poster, random, signerUrls } = deps;
  const hangUpAfterMs = random.between(0, HANG_UP_MS_MAX);
  const signerUrl = random.pick(signerUrls);
  deps.answers.note(
    await poster.post({ signerUrl, token: await payer.token(), body, hangUpAfterMs }),
  );
}

/** A request of some payments ago arrives once more. */
async function sendLate(turn: Turn, past: readonly Line[]): Promise<void> {
  const line = past[turn.deps.random.between(0, past.length - 1)];
  if (line !== undefined) await send(turn, line.body);
}

/** Another payment from a state that was spent: a fork. */
async function forkPast(turn: Turn, past: readonly Line[]): Promise<void> {
  const line = past[turn.deps.random.between(0, past.length - 1)];
  if (line?.state !== undefined) await send(turn, turn.session.fork(line.state));
}

/** Asks until there is an answer, as a gateway does that wants its job done. */
async function persist(turn: Turn, body: string): Promise<SignedState | undefined> {
  const { random, isDone } = turn.deps;
  for (let attempt = 0; attempt < ATTEMPTS_MAX && !isDone(); attempt += 1) {
    const paid = await send(turn, body);
    if (paid !== 'again') return paid === 'over' ? undefined : paid;
    await sleep(random.between(BREATH_MS_MIN, BREATH_MS_MAX));
  }
  return undefined;
}

/** `again`: nothing is known or something is away; `over`: this session cannot go on. */
async function send(
  { deps, payer }: Turn,
  body: string,
  signerUrl = deps.random.pick(deps.signerUrls),
): Promise<SignedState | 'again' | 'over'> {
  const answer = await deps.poster.post({ signerUrl, token: await payer.token(), body });
  const state = deps.answers.note(answer);
  if (state !== undefined) return state;
  if (answer === 'lost' || answer.status === 503) return 'again';
  // Out of money: no hurry to be told again.
  if (answer.status === 402) await sleep(BREATH_MS_MAX);
  return 'over';
}
