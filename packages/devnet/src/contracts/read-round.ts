import { Contract } from 'ethers';
import { withProvider } from '../chain/with-provider.ts';
import { compileMock } from './compile-mock.ts';

/** The round that tickets are made for. */
export type Round = {
  readonly number: bigint;
  readonly blockHash: string;
  readonly startBlock: bigint;
};

/** Reads the last round that was initialized and its block hash. */
export function readRound(options: { rpcUrl: string; roundsManager: string }): Promise<Round> {
  return withProvider(options.rpcUrl, async (provider) => {
    const manager = new Contract(options.roundsManager, compileMock().abi, provider);
    const number = BigInt(await manager.getFunction('lastInitializedRound')());
    return {
      number,
      blockHash: String(await manager.getFunction('blockHashForRound')(number)),
      startBlock: BigInt(await manager.getFunction('currentRoundStartBlock')()),
    };
  });
}
