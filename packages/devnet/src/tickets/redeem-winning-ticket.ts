import { type ContractTransactionReceipt, Interface, isError, Wallet } from 'ethers';
import { sendAll } from '../chain/send-all.ts';
import { withProvider } from '../chain/with-provider.ts';
import { readArtifact } from '../contracts/artifact.ts';
import { DEVNET_DEPLOYER_KEY, DEVNET_LIMITS } from '../limits.ts';

/** A ticket as the TicketBroker takes it. */
export type OnChainTicket = {
  readonly recipient: string;
  readonly sender: string;
  readonly faceValue: bigint;
  readonly winProb: bigint;
  readonly senderNonce: bigint;
  readonly recipientRandHash: string;
  /** creationRound (32 bytes) and its block hash (32 bytes). */
  readonly auxData: string;
};

/** What the contract did: the amount that moved, or why it refused. */
export type Redemption =
  | { readonly redeemed: true; readonly paidWei: bigint; readonly transactionHash: string }
  | { readonly redeemed: false; readonly reason: string };

/**
 * Redeems a ticket as its recipient would. A refusal of the contract is an answer, not a fault.
 * `redeemerKey` pays the gas; anyone may redeem for the recipient.
 */
export function redeemWinningTicket(options: {
  rpcUrl: string;
  ticketBroker: string;
  ticket: OnChainTicket;
  signature: string;
  recipientRand: bigint;
  redeemerKey?: string;
}): Promise<Redemption> {
  const broker = new Interface(readArtifact('TicketBroker').abi);
  const { ticket, signature, recipientRand } = options;
  const data = broker.encodeFunctionData('redeemWinningTicket', [ticket, signature, recipientRand]);
  const wallet = new Wallet(options.redeemerKey ?? DEVNET_DEPLOYER_KEY);
  const to = options.ticketBroker;
  return withProvider(options.rpcUrl, async (provider) => {
    try {
      await provider.call({ to, data, from: wallet.address });
    } catch (error) {
      if (!isError(error, 'CALL_EXCEPTION')) throw error;
      return { redeemed: false, reason: error.reason ?? 'reverted without a reason' };
    }
    const [receipt] = await sendAll(provider, wallet, [{ to, data, gas: DEVNET_LIMITS.callGas }]);
    if (!receipt) throw new Error('no receipt');
    return {
      redeemed: true,
      paidWei: readPaid(broker, receipt as ContractTransactionReceipt),
      transactionHash: receipt.hash,
    };
  });
}

function readPaid(broker: Interface, receipt: ContractTransactionReceipt): bigint {
  for (const log of receipt.logs) {
    const event = broker.parseLog(log);
    if (event?.name === 'WinningTicketTransfer') return BigInt(event.args.getValue('amount'));
  }
  return 0n;
}
