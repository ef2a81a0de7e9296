import { randomBytes } from 'node:crypto';
import {
  createOrchestrator,
  type Orchestrator,
  readSender,
  type SenderFunds,
  serveOrchestrator,
  viewChain,
} from '@clearinghouse/gateway-double';
import { JsonRpcProvider, NonceManager, Wallet } from 'ethers';
import type { DemoConfig } from './config.ts';

/** The network's side: the chain and an honest orchestrator behind HTTP. */
export type Network = {
  readonly provider: JsonRpcProvider;
  readonly orchestrator: Orchestrator;
  /** The orchestrator's account, which redeems. */
  readonly redeemer: NonceManager;
  readonly fundsOf: (sender: string) => Promise<SenderFunds>;
  readonly close: () => Promise<void>;
};

const POLL_MS = 50;
const CHAIN_FRESH_MS = 500;

/** Starts an orchestrator of this run's own: fresh secret, fresh port. */
export async function openNetwork(config: DemoConfig): Promise<Network> {
  const provider = new JsonRpcProvider(config.rpcUrl, undefined, { cacheTimeout: -1 });
  provider.pollingInterval = POLL_MS;
  const wallet = new Wallet(config.orchestratorKey, provider);
  const chain = viewChain({ provider, contracts: config.contracts, freshForMs: CHAIN_FRESH_MS });
  const secret = randomBytes(32);
  const server = await serveOrchestrator((serviceUrl) =>
    createOrchestrator({
      secret,
      recipient: wallet.address,
      serviceUrl,
      chain,
      nowSec: () => Math.floor(Date.now() / 1000),
      random: randomBytes,
    }),
  );
  return {
    provider,
    orchestrator: server.orchestrator,
    redeemer: new NonceManager(wallet),
    fundsOf: (sender) =>
      readSender({ runner: provider, ticketBroker: config.contracts.ticketBroker }, sender),
    close: async () => {
      await server.close();
      provider.destroy();
    },
  };
}
