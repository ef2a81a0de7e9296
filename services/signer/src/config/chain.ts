import { addressEnv, flagEnv } from '@clearinghouse/shared';
import { z } from 'zod';
import { aboveZero, durationMs } from './fields.ts';

/** Livepeer on Arbitrum One: what production means when nothing else is named. */
const ARBITRUM = {
  controller: '0xd8e8328501e9645d16cf49539efc04f734606ee4',
  ticketBroker: '0xa8bb618b1520e284046f3dfc448851a1ff26e41b',
  chainId: 42_161n,
  /** There is one only, and not every node knows its first block. */
  epoch: '42161-one',
} as const;
/** anvil's: blocks come with transactions only, and nothing there needs to wait. */
const DEVELOPMENT_CHAIN_ID = 31_337n;
const CONFIRMATIONS = 20;

const blockNumber = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** Variables of the chain. */
export const chainShape = {
  ETH_RPC_URL: z.url({ protocol: /^https?$/ }).optional(),
  ETH_RPC_URL_2: z.url({ protocol: /^https?$/ }).optional(),
  CONTROLLER_ADDRESS: addressEnv.optional(),
  TICKET_BROKER_ADDRESS: addressEnv.optional(),
  CHAIN_ID: aboveZero.optional(),
  CHAIN_POLL_MS: durationMs(100).default(5_000),
  CHAIN_MAX_AGE_MS: durationMs(1_000).default(60_000),
  CHAIN_EPOCH: z
    .string()
    .regex(/^[1-9][0-9]{0,18}-[A-Za-z0-9]{1,40}$/, 'the chain id, a dash, letters and digits')
    .optional(),
  CHAIN_WATCH: flagEnv.default(true),
  CHAIN_WATCH_POLL_MS: durationMs(100).default(15_000),
  CHAIN_CONFIRMATIONS: z.coerce.number().int().min(0).max(100_000).optional(),
  CHAIN_START_BLOCK: blockNumber.optional(),
  CHAIN_LOGS_RANGE_MAX: z.coerce.number().int().min(1).max(1_000_000).default(2_000),
};

type Raw = z.infer<z.ZodObject<typeof chainShape>>;

/** How the events of the chain are followed; absent: they are not. */
export type WatchConfig = {
  readonly pollMs: number;
  readonly confirmations: number;
  readonly startBlock: number | undefined;
  /** Blocks that one question for events may span. */
  readonly rangeMax: number;
};

/** How to reach a chain; absent: the signer's chain is off, and no payment is made. */
export type ChainConfig = {
  readonly rpcUrl: string;
  /** Taken when the first does not answer, or lags behind. */
  readonly secondRpcUrl: string | undefined;
  readonly controllerAddress: string;
  /** The only contract that transactions go to; absent: the one that the Controller names. */
  readonly ticketBroker: string | undefined;
  /** The chain that must answer; any when absent. */
  readonly chainId: bigint | undefined;
  readonly pollMs: number;
  /** Names the chain in the books; absent: by its first block. */
  readonly epoch: string | undefined;
  readonly watch: WatchConfig | undefined;
};

/** The settings as read. */
export function chainOf(raw: Raw): ChainConfig | undefined {
  if (raw.ETH_RPC_URL === undefined) return undefined;
  const controllerAddress: string = raw.CONTROLLER_ADDRESS ?? ARBITRUM.controller;
  const isArbitrum = controllerAddress === ARBITRUM.controller;
  const id = raw.CHAIN_ID ?? (isArbitrum ? ARBITRUM.chainId : undefined);
  const isOnArbitrum = isArbitrum && id === ARBITRUM.chainId;
  return {
    rpcUrl: raw.ETH_RPC_URL,
    secondRpcUrl: raw.ETH_RPC_URL_2,
    controllerAddress,
    ticketBroker: raw.TICKET_BROKER_ADDRESS ?? (isOnArbitrum ? ARBITRUM.ticketBroker : undefined),
    chainId: id,
    pollMs: raw.CHAIN_POLL_MS,
    epoch: raw.CHAIN_EPOCH ?? (isOnArbitrum ? ARBITRUM.epoch : undefined),
    watch: raw.CHAIN_WATCH ? watchOf(raw, id) : undefined,
  };
}

function watchOf(raw: Raw, id: bigint | undefined): WatchConfig {
  return {
    pollMs: raw.CHAIN_WATCH_POLL_MS,
    confirmations: raw.CHAIN_CONFIRMATIONS ?? (id === DEVELOPMENT_CHAIN_ID ? 0 : CONFIRMATIONS),
    startBlock: raw.CHAIN_START_BLOCK,
    rangeMax: raw.CHAIN_LOGS_RANGE_MAX,
  };
}

/** What of the settings does not fit together. */
export function chainFaults(raw: Raw): string[] {
  const id = chainOf(raw)?.chainId;
  const { CHAIN_EPOCH: epoch } = raw;
  return [
    ...(raw.ETH_RPC_URL_2 && !raw.ETH_RPC_URL ? ['ETH_RPC_URL_2: set ETH_RPC_URL too'] : []),
    ...(epoch && id !== undefined && !epoch.startsWith(`${id}-`)
      ? [`CHAIN_EPOCH: begins with ${id}-`]
      : []),
  ];
}
