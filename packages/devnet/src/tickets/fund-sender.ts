import { Interface, Wallet } from 'ethers';
import { sendAll } from '../chain/send-all.ts';
import { withProvider } from '../chain/with-provider.ts';
import { readArtifact } from '../contracts/artifact.ts';
import { DEVNET_DEPLOYER_KEY, DEVNET_LIMITS } from '../limits.ts';

/**
 * Adds to a sender's deposit and reserve. A development account pays, so that the sender's key
 * is never needed here.
 */
export function fundSender(options: {
  rpcUrl: string;
  ticketBroker: string;
  senderAddress: string;
  depositWei: bigint;
  reserveWei: bigint;
  funderKey?: string;
}): Promise<void> {
  const { senderAddress, depositWei, reserveWei } = options;
  const broker = new Interface(readArtifact('TicketBroker').abi);
  const values = [senderAddress, depositWei, reserveWei];
  return withProvider(options.rpcUrl, async (provider) => {
    await sendAll(provider, new Wallet(options.funderKey ?? DEVNET_DEPLOYER_KEY), [
      {
        to: options.ticketBroker,
        data: broker.encodeFunctionData('fundDepositAndReserveFor', values),
        valueWei: depositWei + reserveWei,
        gas: DEVNET_LIMITS.callGas,
      },
    ]);
  });
}
