import { type Channel, channel } from 'node:diagnostics_channel';

/**
 * One step on the way of a payment, told on two channels of `node:diagnostics_channel`:
 * `clearinghouse.<name>.start` and `clearinghouse.<name>.end`. Nobody listens unless told to, and
 * then a step costs one look at a flag. Traces listen (`openTracing`), and so may tests.
 */
export type Stage = { readonly name: string; readonly start: Channel; readonly end: Channel };

/** What a stage tells: one object for its start and its end. Never a body, token or signature. */
export type StageEvent = {
  readonly stage: string;
  /** Spans of callers, as `traceparent`: the stage is part of each of their traces. */
  readonly parents?: readonly (string | undefined)[];
  /** Spans that have to do with it and are not its callers. */
  readonly links?: readonly (string | undefined)[];
  /** Ids, codes and counts. */
  readonly notes?: StageNotes;
  /** At its end: what it gave, or what it threw. */
  result?: unknown;
  error?: unknown;
};

export type StageNotes = Readonly<Record<string, string | number | boolean | undefined>>;

const STAGE_NAMES = [
  // signer
  'signer.request',
  'signer.authenticate',
  'signer.payment',
  'signer.hold',
  'signer.sign',
  'signer.tickets',
  'signer.journal',
  'signer.settle',
  'signer.acknowledge',
  // any asker
  'queue.send',
  // billing
  'billing.request',
  'billing.hold',
  'billing.hold.write',
  'billing.settle',
  'billing.ledger',
  'billing.ledger.post',
  // auth
  'auth.request',
  'auth.credentials',
] as const;

export type StageName = (typeof STAGE_NAMES)[number];

/** Every stage, by name. */
export const STAGES = Object.fromEntries(
  STAGE_NAMES.map((name) => [
    name,
    {
      name,
      start: channel(`clearinghouse.${name}.start`),
      end: channel(`clearinghouse.${name}.end`),
    },
  ]),
) as Readonly<Record<StageName, Stage>>;

type About = Pick<StageEvent, 'parents' | 'links' | 'notes'>;

/** True when somebody listens: worth asking before anything is put together for a stage. */
export function isWatched({ start, end }: Stage): boolean {
  return start.hasSubscribers || end.hasSubscribers;
}

/**
 * Runs a stage. Its end is told when the work is really over, now or later; result and fault go
 * through unchanged. When nobody listens, it only runs the work.
 */
export function runStage<T>(stage: Stage, run: () => T, about?: () => About): T {
  if (!isWatched(stage)) return run();
  const event: StageEvent = { ...about?.(), stage: stage.name };
  return stage.start.runStores(event, () => follow(stage, event, run));
}

function follow<T>(stage: Stage, event: StageEvent, run: () => T): T {
  const finish = <R>(result: R): R => {
    event.result = result;
    stage.end.publish(event);
    return result;
  };
  const fail = (error: unknown): never => {
    event.error = error;
    stage.end.publish(event);
    throw error;
  };
  let result: T;
  try {
    result = run();
  } catch (error) {
    return fail(error);
  }
  return result instanceof Promise ? (result.then(finish, fail) as T) : finish(result);
}
