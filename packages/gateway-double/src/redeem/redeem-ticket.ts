import { Contract, type Log, type Signer, type TransactionReceipt } from 'ethers';
import { toHex } from '../amounts/big-bytes.ts';
import type { WinningTicket } from '../orchestrator/process-payment.ts';
import { auxDataOf, hashTicket } from '../tickets/ticket.ts';
import { BROKER_ABI } from './broker-abi.ts';

/** What a redemption paid, as the contract's own events say. */
export type Redemption = {
  readonly ticketHash: string;
  readonly transactionHash: string;
  readonly faceValueWei: bigint;
  /** What the sender's deposit and reserve gave: the face value, unless they ran short. */
  readonly paidWei: bigint;
};

/**
 * Redeems one winning ticket and checks the contract's two events against it.
 *
 * @throws Error when the transaction reverts, or its events speak of another ticket.
 */
export async function redeemTicket(
  deps: { readonly redeemer: Signer; readonly ticketBroker: string },
  winner: WinningTicket,
  transactionNonce?: number,
): Promise<Redemption> {
  const broker = new Contract(deps.ticketBroker, BROKER_ABI, deps.redeemer);
  const { ticket } = winner;
  const onChain = {
    recipient: toHex(ticket.recipient),
    sender: toHex(ticket.sender),
    faceValue: ticket.faceValue,
    winProb: ticket.winProb,
    senderNonce: ticket.senderNonce,
    recipientRandHash: toHex(ticket.recipientRandHash),
    auxData: toHex(auxDataOf(ticket)),
  };
  const sent = await broker.getFunction('redeemWinningTicket')(
    onChain,
    toHex(winner.sig),
    winner.recipientRand,
    transactionNonce === undefined ? {} : { nonce: transactionNonce },
  );
  const receipt: TransactionReceipt | null = await sent.wait();
  if (receipt === null) throw new Error('the redemption was not mined');
  return readRedemption(broker, receipt, winner);
}

function readRedemption(
  broker: Contract,
  receipt: TransactionReceipt,
  winner: WinningTicket,
): Redemption {
  const redeemed = eventOf(broker, receipt.logs, 'WinningTicketRedeemed');
  const transfer = eventOf(broker, receipt.logs, 'WinningTicketTransfer');
  const { ticket } = winner;
  const isThisOne =
    redeemed.faceValue === ticket.faceValue &&
    redeemed.winProb === ticket.winProb &&
    redeemed.senderNonce === BigInt(ticket.senderNonce) &&
    redeemed.recipientRand === winner.recipientRand;
  if (!isThisOne) throw new Error('WinningTicketRedeemed speaks of another ticket');
  return {
    ticketHash: toHex(hashTicket(ticket)),
    transactionHash: receipt.hash,
    faceValueWei: ticket.faceValue,
    paidWei: transfer.amount as bigint,
  };
}

function eventOf(broker: Contract, logs: readonly Log[], name: string): Record<string, unknown> {
  for (const log of logs) {
    const parsed = broker.interface.parseLog(log);
    if (parsed?.name === name) return parsed.args.toObject();
  }
  throw new Error(`the redemption emitted no ${name}`);
}
