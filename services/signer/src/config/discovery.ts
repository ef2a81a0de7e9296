import { flagEnv } from '@clearinghouse/shared';
import { z } from 'zod';
import { durationMs } from './fields.ts';

const NODES_MAX = 500;

const nodeUrls = z
  .string()
  .transform((text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  )
  .pipe(z.array(z.url({ protocol: /^https$/ })).max(NODES_MAX));

/** Variables of discovery; without one that names a source there is none. */
export const discoveryShape = {
  DISCOVERY_WEBHOOK_URL: z.url({ protocol: /^https?$/ }).optional(),
  DISCOVERY_ORCHESTRATORS: nodeUrls.optional(),
  DISCOVERY_ON_CHAIN: flagEnv.default(false),
  DISCOVERY_INTERVAL_MS: durationMs(1_000).default(1_500_000),
  DISCOVERY_OPEN: flagEnv.default(false),
  DISCOVERY_PRIVATE_ADDRESSES: flagEnv.default(false),
};

type Raw = z.infer<z.ZodObject<typeof discoveryShape>>;

/** Who names the orchestrators. */
export type DiscoverySource =
  | { readonly kind: 'webhook'; readonly url: string }
  | { readonly kind: 'list'; readonly urls: readonly string[] }
  | { readonly kind: 'chain' };

export type DiscoveryConfig = {
  readonly source: DiscoverySource;
  readonly intervalMs: number;
  /** Anybody may ask, without a credential. */
  readonly isOpen: boolean;
  /** Nodes that the chain names may be on private networks. */
  readonly allowsPrivate: boolean;
};

/** The settings as read; the webhook comes before the list, the list before the chain. */
export function discoveryOf(raw: Raw): DiscoveryConfig | undefined {
  const source = sourceOf(raw);
  if (source === undefined) return undefined;
  return {
    source,
    intervalMs: raw.DISCOVERY_INTERVAL_MS,
    isOpen: raw.DISCOVERY_OPEN,
    allowsPrivate: raw.DISCOVERY_PRIVATE_ADDRESSES,
  };
}

/** What of the settings does not fit together. */
export function discoveryFaults(
  raw: Raw & { readonly ETH_RPC_URL?: string | undefined },
): string[] {
  const isOfChain = sourceOf(raw)?.kind === 'chain';
  return isOfChain && !raw.ETH_RPC_URL ? ['DISCOVERY_ON_CHAIN: set ETH_RPC_URL too'] : [];
}

function sourceOf(raw: Raw): DiscoverySource | undefined {
  const { DISCOVERY_WEBHOOK_URL: url, DISCOVERY_ORCHESTRATORS: urls } = raw;
  if (url !== undefined) return { kind: 'webhook', url };
  if (urls !== undefined && urls.length > 0) return { kind: 'list', urls };
  return raw.DISCOVERY_ON_CHAIN ? { kind: 'chain' } : undefined;
}
