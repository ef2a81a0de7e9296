import { Contract, Interface, Wallet } from 'ethers';
import { sendAll } from '../chain/send-all.ts';
import { withProvider } from '../chain/with-provider.ts';
import { DEVNET_DEPLOYER_KEY, DEVNET_LIMITS } from '../limits.ts';
import { compileMock } from './compile-mock.ts';

/** Starts later rounds, as time would. @returns the round that is current then. */
export function advanceRounds(options: {
  rpcUrl: string;
  roundsManager: string;
  rounds?: bigint;
  deployerKey?: string;
}): Promise<bigint> {
  const rounds = options.rounds ?? 1n;
  if (rounds < 1n || rounds > DEVNET_LIMITS.roundsMax) throw new Error('rounds: out of bounds');
  return withProvider(options.rpcUrl, async (provider) => {
    const { abi } = compileMock();
    const data = new Interface(abi).encodeFunctionData('advanceRounds', [rounds]);
    const wallet = new Wallet(options.deployerKey ?? DEVNET_DEPLOYER_KEY);
    const to = options.roundsManager;
    await sendAll(provider, wallet, [{ to, data, gas: DEVNET_LIMITS.callGas }]);
    return BigInt(await new Contract(to, abi, provider).getFunction('currentRound')());
  });
}
