import { type Logger, systemClock } from '@clearinghouse/shared';
import type { Nodes } from '../chain/fail-over.ts';
import type { SigningConfig } from '../config.ts';
import type { Custody } from '../custody/account.ts';
import { askOrchestrator, encodeOrchestratorRequest } from '../discovery/ask-orchestrator.ts';
import { askRunners } from '../discovery/ask-runners.ts';
import { followOrchestrators, type Orchestrators } from '../discovery/follow-orchestrators.ts';
import { listNodes } from '../discovery/list-nodes.ts';
import { type Entry, type LookAroundDeps, lookAround } from '../discovery/look-around.ts';
import { resolveNode } from '../discovery/node.ts';
import { readPool } from '../discovery/read-pool.ts';
import type { Discovery } from '../http/discover-orchestrators.ts';
import { createRecipientReader } from '../policy/read-recipient.ts';
import type { WeiCeilings } from '../prices/convert-ceilings.ts';

export type OpenDiscoveryOptions = {
  readonly config: Pick<SigningConfig, 'discovery' | 'chain' | 'signing'>;
  readonly ceilings: WeiCeilings;
  readonly canPrice: () => boolean;
  readonly custody: Pick<Custody, 'accounts'>;
  /** Lets through what `work` connects to: hosts that only the source names. */
  readonly allowWithin?: <T>(work: () => T) => T;
  readonly log: Logger;
};

/** Discovery under way. */
export type StartedDiscovery = Discovery & Pick<Orchestrators, 'stop'>;

/** Begins to find out who offers what; nothing where it is not set. */
export async function openDiscovery(
  options: OpenDiscoveryOptions,
  nodes: Nodes | undefined,
): Promise<StartedDiscovery | undefined> {
  const { config, custody, log, allowWithin = (work) => work() } = options;
  const [account] = custody.accounts;
  const { discovery } = config;
  if (discovery === undefined) return undefined;
  const request = encodeOrchestratorRequest({
    address: Buffer.from(account.address.slice(2), 'hex'),
    signature: await account.signOrchestratorInfo(),
  });
  const { source } = discovery;
  const onlyPublic = source.kind === 'chain' && !discovery.allowsPrivate;
  const listDeps = { fetch: globalThis.fetch, readPool: poolReader(config, nodes) };
  const look = async (onHeard: (entries: readonly Entry[]) => void) => {
    if (!options.canPrice()) throw new Error('the price of ether is not known');
    const { maxPriceWei, capabilityPrices } = options.ceilings;
    const deps: LookAroundDeps = {
      listNodes: () => listNodes({ ...listDeps, maxPriceWei }, source),
      resolveNode: (uri) => resolveNode(uri, { onlyPublic }),
      askOrchestrator: (node) => allowWithin(() => askOrchestrator(node, request)),
      askRunners: (node) => allowWithin(() => askRunners(node)),
      ceilings: { maxPriceWei, capabilityPrices },
      log,
    };
    return await lookAround(deps, onHeard);
  };
  const { monotonicMs } = systemClock;
  const { intervalMs, isOpen } = discovery;
  const orchestrators = followOrchestrators({ look, monotonicMs, log }, { intervalMs });
  orchestrators.start();
  return { isOpen, entries: orchestrators.entries, stop: orchestrators.stop };
}

function poolReader(
  config: OpenDiscoveryOptions['config'],
  nodes: Nodes | undefined,
): () => Promise<readonly string[]> {
  const { chain, signing } = config;
  if (chain === undefined || nodes === undefined) {
    return () => Promise.reject(new Error('the chain is off'));
  }
  const { controllerAddress } = chain;
  const rpc = nodes.call;
  const readRecipient = createRecipientReader(
    { rpc, monotonicMs: systemClock.monotonicMs },
    {
      controllerAddress,
      registries: { isAsked: true, extraAddress: signing.extraRegistryAddress },
    },
  );
  return () => readPool({ rpc, controllerAddress, readRecipient });
}
