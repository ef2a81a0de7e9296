import { type Logger, limitConcurrency } from '@clearinghouse/shared';
import { DISCOVERY_LIMITS } from '../limits.ts';
import type { Offer } from '../wire/decode-offer.ts';
import { type Ceilings, judgeOffer } from './judge-offer.ts';
import type { Node } from './node.ts';
import { type Named, type Runner, readNamed } from './read-runners.ts';

export type LookAroundDeps = {
  readonly listNodes: () => Promise<readonly Named[]>;
  readonly resolveNode: (uri: string) => Promise<Node>;
  readonly askOrchestrator: (node: Node) => Promise<Offer>;
  readonly askRunners: (node: Node) => Promise<string>;
  readonly ceilings: Ceilings;
  readonly log: Logger;
};

/** An orchestrator that offers something which we would pay. */
export type Entry = {
  readonly uri: string;
  /** `pipeline/model`, and the apps of its runners. */
  readonly capabilities: readonly string[];
  /** As it is answered. */
  readonly json: string;
};

/**
 * Asks everybody whom the source names what they offer. Nobody who is slow, lies or is away keeps
 * another from being heard.
 *
 * @param onHeard told of each entry at once, before the slowest of the others has answered.
 * @throws Error when the source itself does not answer.
 */
export async function lookAround(
  deps: LookAroundDeps,
  onHeard: (entries: readonly Entry[]) => void,
): Promise<Entry[]> {
  const named = await deps.listNodes();
  const limited = limitConcurrency(DISCOVERY_LIMITS.asksMax);
  const ask = async (one: Named) => {
    const entries = await hear(deps, one);
    onHeard(entries);
    return entries;
  };
  const heard = await Promise.all(named.map((one) => limited(() => ask(one))));
  const entries = heard.flat();
  deps.log.info({ named: named.length, offering: entries.length }, 'orchestrators were asked');
  return entries;
}

/** What one node says of itself. Of others it may say nothing: they are asked themselves. */
async function hear(deps: LookAroundDeps, named: Named): Promise<Entry[]> {
  const { uri } = named;
  try {
    const node = await deps.resolveNode(uri);
    const [offer, told] = await Promise.allSettled([
      deps.askOrchestrator(node),
      deps.askRunners(node).then((text) => readNamed(text, deps.ceilings.maxPriceWei)),
    ]);
    if (offer.status === 'rejected') noteFault(deps.log, uri, offer.reason);
    const capabilities = offer.status === 'fulfilled' ? judgeOffer(deps.ceilings, offer.value) : [];
    const own = told.status === 'fulfilled' ? told.value.filter((one) => one.uri === uri) : [];
    const runners = [...named.runners, ...own.flatMap((one) => one.runners)];
    return toEntry(uri, capabilities, firstOfEach(runners));
  } catch (error) {
    noteFault(deps.log, uri, error);
    return [];
  }
}

/** Of runners at one place for one app the first is kept. */
function firstOfEach(runners: readonly Runner[]): Runner[] {
  const known = new Map<string, Runner>();
  for (const runner of runners) {
    const name = JSON.stringify([runner.url, runner.app]);
    if (!known.has(name)) known.set(name, runner);
  }
  return [...known.values()].slice(0, DISCOVERY_LIMITS.runnersMax);
}

/** None for a node that offers nothing. */
function toEntry(uri: string, offered: readonly string[], runners: readonly Runner[]): Entry[] {
  const capabilities = [...new Set([...offered, ...runners.map(({ app }) => app)])];
  if (capabilities.length === 0) return [];
  const head = JSON.stringify({ address: uri, score: 1, capabilities }).slice(0, -1);
  const tail = runners.length === 0 ? '' : `,"runners":[${runners.map(({ json }) => json).join()}]`;
  return [{ uri, capabilities, json: `${head}${tail}}` }];
}

function noteFault(log: Logger, uri: string, error: unknown): void {
  const fault = error instanceof Error ? error.message : 'unknown';
  log.debug({ uri, fault }, 'an orchestrator could not be asked');
}
