import type {
  Address,
  Ask,
  BlockRef,
  ChainReply,
  ChainRequestWire,
  ChainStepWire,
  Logger,
} from '@clearinghouse/shared';
import type { CallRpc } from '../chain/call-rpc.ts';
import { CHAIN_LIMITS } from '../limits.ts';
import { type ExpectedFunds, findDifference, fundsAfter, fundsSaid } from './expect-funds.ts';
import type { ChainIdentity } from './identify-chain.ts';
import { readBlock, type SeenBlock } from './read-blocks.ts';
import { type BlockRange, readEvents } from './read-events.ts';
import { readFundsAt } from './read-funds-at.ts';

export type StepDeps = {
  /** One node for the whole step. */
  readonly rpc: CallRpc;
  readonly ask: Ask<ChainReply>;
  readonly range: BlockRange;
  readonly expectation: Expectation;
  readonly log: Logger;
};

/** What the funds must be by the events, remembered from step to step. */
export type Expectation = {
  funds: ExpectedFunds | undefined;
  /** Times in a row that the contract said something else. */
  differences: number;
};

export type StepOptions = {
  readonly senders: readonly Address[];
  /** Blocks that must lie on top of one before its events count. */
  readonly confirmations: number;
  /** Where to begin on a chain that billing does not know yet; absent: now. */
  readonly startBlock: number | undefined;
  readonly rangeMax: number;
};

/** Billing's view after a step, and what is left to do. */
export type Stepped = {
  readonly books: ChainReply;
  readonly head: BlockRef;
  /** More blocks may be read at once. */
  readonly hasMore: boolean;
};

/**
 * One step along the chain: opens it, goes back to what is still part of it, or reads the next
 * blocks and hands their events to billing. The answer is the acknowledgement, and billing keeps
 * the cursor: a step that was lost is made again from there.
 *
 * @throws Error when node or billing do not answer; nothing has moved then.
 */
export async function stepAlong(
  deps: StepDeps,
  options: StepOptions,
  state: { readonly identity: ChainIdentity; readonly books: ChainReply | undefined },
): Promise<Stepped> {
  const { rpc } = deps;
  const { identity } = state;
  const head = await readBlock(rpc, 'latest');
  if (!head) throw new Error('the node has no block');
  const books = state.books ?? (await tell(deps, identity, { kind: 'read' }));
  const done = (reply: ChainReply, hasMore: boolean): Stepped => ({
    books: reply,
    head: head.ref,
    hasMore,
  });
  const { cursor } = books;
  const target = Math.max(0, head.ref.number - options.confirmations);
  if (cursor === null) {
    const at = await readAt(rpc, Math.min(options.startBlock ?? target, target));
    return done(await open(deps, options.senders, { identity, after: null, at }), true);
  }
  const here = await readBlock(rpc, cursor.number);
  if (here?.ref.hash !== cursor.hash) {
    const to = await findCommonBlock(rpc, books, head.ref.number);
    // Shorter, and nothing in it is another: a node that is behind.
    if (!here && isNewestUpTo(books, to, head.ref.number)) throw new NodeBehind(cursor.number);
    deps.log.warn({ from: cursor.number, to: to.number }, 'the chain was reorganised');
    return done(await tell(deps, identity, { kind: 'rewind', after: cursor, to }), true);
  }
  const missing = options.senders.filter((sender) => !books.senders.includes(sender));
  if (missing.length > 0) {
    return done(await open(deps, missing, { identity, after: cursor, at: here }), true);
  }
  if (cursor.number >= target) return done(books, false);
  return done(await advance(deps, options, { identity, here, target }), true);
}

/** One message to billing. */
async function tell(
  deps: Pick<StepDeps, 'ask'>,
  identity: ChainIdentity,
  step: ChainStepWire,
): Promise<ChainReply> {
  const request: ChainRequestWire = {
    chain: identity.chain,
    chainId: identity.chainId.toString(),
    ticketBroker: identity.contracts.ticketBroker,
    step,
  };
  const answer = await deps.ask(request);
  if (!answer.ok) throw new Error(`billing gave no answer: ${answer.code}`);
  const { accepted, cursor } = answer.value;
  const isStuck = 'after' in step && isSame(cursor, step.after);
  if (!accepted && isStuck) throw new Error(`billing takes no step: ${step.kind}`);
  return answer.value;
}

async function open(
  deps: StepDeps,
  senders: readonly Address[],
  what: {
    readonly identity: ChainIdentity;
    readonly after: BlockRef | null;
    readonly at: SeenBlock;
  },
): Promise<ChainReply> {
  const { identity, after, at } = what;
  const { block } = at;
  const accounts = await readFundsAt(deps.rpc, identity.contracts, { senders, block }).catch(
    (cause: unknown) => {
      throw new Error(`what the accounts had at block ${at.ref.number} cannot be read`, { cause });
    },
  );
  return await tell(deps, identity, { kind: 'open', after, at: at.ref, accounts });
}

async function advance(
  deps: StepDeps,
  options: StepOptions,
  what: {
    readonly identity: ChainIdentity;
    /** The block of the cursor. */
    readonly here: SeenBlock;
    readonly target: number;
  },
): Promise<ChainReply> {
  const { rpc, expectation } = deps;
  const { identity, here, target } = what;
  const { senders, rangeMax } = options;
  const { ticketBroker } = identity.contracts;
  const input = { ticketBroker, senders, after: here.ref, upTo: target, rangeMax };
  const { to, events } = await readEvents(deps, input);
  // A node keeps the state of its last blocks only: what is there is asked for at the end alone.
  const isLast = to.number === target;
  const observed = isLast ? await observe(deps, options, { identity, at: to }) : [];
  const again = await readBlock(rpc, to.number);
  if (again?.ref.hash !== to.hash) throw new Error(`block ${to.number} is another one`);
  const before = await expectedAt(deps, options, { identity, here, isAsked: observed.length > 0 });
  const expected = before && fundsAfter(before, to, events);
  checkObserved(expectation, expected, observed);
  const step: ChainStepWire = {
    kind: 'advance',
    after: here.ref,
    to,
    events: [...events],
    observed,
  };
  const reply = await tell(deps, identity, step);
  expectation.funds = observed.length > 0 ? fundsSaid(to, observed) : expected;
  return reply;
}

/** What the accounts had at the cursor: remembered, or asked for when it is to be compared. */
async function expectedAt(
  deps: StepDeps,
  options: StepOptions,
  what: {
    readonly identity: ChainIdentity;
    readonly here: SeenBlock;
    readonly isAsked: boolean;
  },
): Promise<ExpectedFunds | undefined> {
  const { funds } = deps.expectation;
  const { identity, here, isAsked } = what;
  if (funds && isSame(funds.at, here.ref)) return funds;
  if (!isAsked) return undefined;
  const said = await observe(deps, options, { identity, at: here.ref });
  return said.length === 0 ? undefined : fundsSaid(here.ref, said);
}

/**
 * A node that leaves events out is found by what the contract says. After some times it is told to
 * billing as it is, which raises an alarm: it is not for the watcher to stand still for ever.
 */
function checkObserved(
  expectation: Expectation,
  expected: ExpectedFunds | undefined,
  observed: Awaited<ReturnType<typeof observe>>,
): void {
  const differs = expected && findDifference(expected, observed);
  if (differs !== undefined && expectation.differences < CHAIN_LIMITS.differencesMax) {
    expectation.differences += 1;
    throw new EventsMissing(differs);
  }
  expectation.differences = 0;
}

async function observe(
  { rpc, log }: StepDeps,
  { senders }: StepOptions,
  { identity, at }: { readonly identity: ChainIdentity; readonly at: BlockRef },
) {
  try {
    const { block } = await readAt(rpc, at.number);
    return await readFundsAt(rpc, identity.contracts, { senders, block });
  } catch (error) {
    const fault = error instanceof Error ? error.message : 'unknown';
    log.debug({ fault, block: at.number }, 'what the accounts have there cannot be read');
    return [];
  }
}

/** The newest of billing's blocks, up to the head, that is still part of the chain. */
async function findCommonBlock(
  rpc: CallRpc,
  books: ChainReply,
  headNumber: number,
): Promise<BlockRef> {
  for (const checkpoint of books.checkpoints) {
    if (checkpoint.number > headNumber) continue;
    const seen = await readBlock(rpc, checkpoint.number);
    if (seen?.ref.hash === checkpoint.hash) return checkpoint;
  }
  if (books.checkpoints.every(({ number }) => number > headNumber))
    throw new NodeBehind(headNumber);
  throw new ChainLost();
}

function isNewestUpTo(books: ChainReply, to: BlockRef, headNumber: number): boolean {
  return isSame(books.checkpoints.find(({ number }) => number <= headNumber) ?? null, to);
}

function isSame(one: BlockRef | null, other: BlockRef | null): boolean {
  return one?.number === other?.number && one?.hash === other?.hash;
}

/** Deposit or reserve are not what the events of this node sum to. */
export class EventsMissing extends Error {
  constructor(sender: string) {
    super(`the node left out events of ${sender}`);
    this.name = 'EventsMissing';
  }
}

/** The node does not have the blocks that billing knows: another may, or it catches up. */
export class NodeBehind extends Error {
  constructor(number: number) {
    super(`the node is behind: it has no block ${number}`);
    this.name = 'NodeBehind';
  }
}

/** Nothing that billing knows of this chain is part of it: it is another one. */
export class ChainLost extends Error {
  constructor() {
    super('no block that billing knows is part of this chain: another chain, or set CHAIN_EPOCH');
    this.name = 'ChainLost';
  }
}

async function readAt(rpc: CallRpc, number: number): Promise<SeenBlock> {
  const seen = await readBlock(rpc, number);
  if (!seen) throw new Error(`the node has no block ${number}`);
  return seen;
}
