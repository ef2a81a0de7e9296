import { Contract, type JsonRpcProvider } from 'ethers';
import { fromHex } from '../amounts/big-bytes.ts';
import type { ChainView, Round } from '../orchestrator/chain-view.ts';
import { BONDING_ABI, ROUNDS_ABI } from './broker-abi.ts';
import { readSender } from './read-sender.ts';

type Deps = {
  readonly provider: JsonRpcProvider;
  readonly contracts: {
    readonly ticketBroker: string;
    readonly roundsManager: string;
    readonly bondingManager: string;
  };
  /** How long an answer is used again; go-livepeer's orchestrator polls as well. */
  readonly freshForMs: number;
};

/** An orchestrator's view of the chain. */
export function viewChain(deps: Deps): ChainView {
  const { provider, contracts, freshForMs } = deps;
  const rounds = new Contract(contracts.roundsManager, ROUNDS_ABI, provider);
  const bonding = new Contract(contracts.bondingManager, BONDING_ABI, provider);
  const withdrawRoundOf = async (sender: string): Promise<bigint> => {
    const deployed = { runner: provider, ticketBroker: contracts.ticketBroker };
    return (await readSender(deployed, sender)).withdrawRound;
  };
  const isActive = (recipient: string): Promise<boolean> =>
    bonding.getFunction('isRegisteredTranscoder')(recipient);
  return {
    lastSeenL1Block: remember(() => readL1Block(provider), freshForMs),
    currentRound: remember(() => readRound(rounds), freshForMs),
    withdrawRoundOf: remember(withdrawRoundOf, freshForMs),
    isActive: remember(isActive, freshForMs),
  };
}

/** Uses an answer again while it is fresh; one that failed is not kept. */
function remember<A extends string[], T>(
  read: (...args: A) => Promise<T>,
  freshForMs: number,
): (...args: A) => Promise<T> {
  const kept = new Map<string, { value: Promise<T>; readAtMs: number }>();
  return (...args) => {
    const key = args.join();
    const known = kept.get(key);
    const nowMs = performance.now();
    if (known !== undefined && nowMs - known.readAtMs < freshForMs) return known.value;
    const value = read(...args);
    kept.set(key, { value, readAtMs: nowMs });
    value.catch(() => kept.delete(key));
    return value;
  };
}

/** Arbitrum's own field, or the number on a chain that has none; ethers' Block drops it. */
async function readL1Block(provider: JsonRpcProvider): Promise<bigint> {
  const block = (await provider.send('eth_getBlockByNumber', ['latest', false])) as {
    number: string;
    l1BlockNumber?: string;
  };
  return BigInt(block.l1BlockNumber ?? block.number);
}

async function readRound(rounds: Contract): Promise<Round> {
  const number = (await rounds.getFunction('lastInitializedRound')()) as bigint;
  const blockHash = (await rounds.getFunction('blockHashForRound')(number)) as string;
  return { number, blockHash: fromHex(blockHash) };
}
