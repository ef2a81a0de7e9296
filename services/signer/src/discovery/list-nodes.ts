import { readResponse } from '../chain/read-response.ts';
import type { DiscoverySource } from '../config/discovery.ts';
import { DISCOVERY_LIMITS } from '../limits.ts';
import type { Rational } from '../payments/rational.ts';
import { normaliseUri } from './node.ts';
import { type Named, readNamed } from './read-runners.ts';

export type ListNodesDeps = {
  readonly fetch: typeof fetch;
  /** The service URIs that the chain names. */
  readonly readPool: () => Promise<readonly string[]>;
  readonly maxPriceWei: Rational | undefined;
};

/**
 * The nodes that the source names, each once.
 *
 * @throws Error when the source does not answer.
 */
export async function listNodes(
  deps: ListNodesDeps,
  source: DiscoverySource,
): Promise<readonly Named[]> {
  const named =
    source.kind === 'webhook'
      ? readNamed(await fetchText(deps, source.url), deps.maxPriceWei)
      : (source.kind === 'list' ? source.urls : await deps.readPool()).map(nameOnly);
  const byUri = new Map<string, Named>();
  for (const one of named) {
    const before = byUri.get(one.uri);
    byUri.set(one.uri, before ? { ...one, runners: [...before.runners, ...one.runners] } : one);
  }
  return [...byUri.values()].slice(0, DISCOVERY_LIMITS.nodesMax);
}

function nameOnly(uri: string): Named {
  return { uri: normaliseUri(uri), runners: [] };
}

async function fetchText(deps: ListNodesDeps, url: string): Promise<string> {
  const response = await deps.fetch(url, {
    redirect: 'error',
    headers: { Accept: 'application/json' },
    signal: AbortSignal.timeout(DISCOVERY_LIMITS.webhookTimeoutMs),
  });
  if (response.status !== 200) throw new Error(`the webhook answered HTTP ${response.status}`);
  return await readResponse(response, DISCOVERY_LIMITS.webhookBytesMax);
}
