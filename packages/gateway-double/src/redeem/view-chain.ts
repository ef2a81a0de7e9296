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
};

/** An orchestrator's view of the chain, each answer read anew. */
export function viewChain(deps: Deps): ChainView {
  const { provider, contracts } = deps;
  const rounds = new Contract(contracts.roundsManager, ROUNDS_ABI, provider);
  const bonding = new Contract(contracts.bondingManager, BONDING_ABI, provider);
  return {
    lastSeenL1Block: () => readL1Block(provider),
    currentRound: () => readRound(rounds),
    withdrawRoundOf: async (sender) => {
      const funds = await readSender(
        { runner: provider, ticketBroker: contracts.ticketBroker },
        sender,
      );
      return funds.withdrawRound;
    },
    isActive: (recipient) => bonding.getFunction('isRegisteredTranscoder')(recipient),
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
