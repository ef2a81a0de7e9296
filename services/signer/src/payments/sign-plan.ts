import { hash } from 'node:crypto';
import type { Account } from '../custody/account.ts';
import { encodePayment } from '../wire/encode-payment.ts';
import { encodeSegdata } from '../wire/encode-segdata.ts';
import type { PaymentPlan } from './plan.ts';

/** The answer of `/generate-live-payment` and what the journal keeps of it. */
export type SignedPayment = {
  /** The JSON response with its trailing newline. */
  readonly body: Buffer;
  /** Ticket hashes in nonce order, 32 bytes each. */
  readonly ticketHashes: Uint8Array;
  /** SHA-256 over the ticket hashes, 64 hex digits. */
  readonly ticketsHash: string;
};

type Signer = Pick<Account, 'address' | 'signTickets' | 'signSegment' | 'signState'>;

/**
 * Signs a plan whose hold was granted: tickets, segment credentials, new state. The same plan
 * gives the same bytes every time. All three are asked for at once, for custody that is elsewhere.
 *
 * @throws CustodyFault when the account's keys are elsewhere and no proper signature came.
 * @throws RangeError when the plan is another signer's: a programmer's error.
 */
export async function signPlan(account: Signer, plan: PaymentPlan): Promise<SignedPayment> {
  if (account.address !== plan.senderAddress) throw new RangeError('plan of another signer');
  const { info, segmentCapabilities } = plan.opened;
  const [{ hashes, signatures }, segmentSig, stateSig] = await Promise.all([
    account.signTickets(plan.tickets),
    account.signSegment(plan.manifestId),
    account.signState(plan.newStateBytes),
  ]);
  const payment = encodePayment({
    sender: Buffer.from(account.address.slice(2), 'hex'),
    tickets: plan.tickets,
    seed: info.ticketParams.seed,
    expirationBlock: info.ticketParams.expirationBlock,
    expectedPrice: info.priceInfo.bytes,
    signatures,
  });
  const segCreds = encodeSegdata({
    manifestId: plan.manifestId,
    signature: segmentSig,
    capabilities: segmentCapabilities,
    authToken: info.authToken?.bytes ?? new Uint8Array(0),
  });
  const body =
    `{"payment":"${base64(payment)}","segCreds":"${base64(segCreds)}"` +
    `,"state":{"State":"${base64(plan.newStateBytes)}","Sig":"${base64(stateSig)}"}}\n`;
  return {
    body: Buffer.from(body, 'latin1'),
    ticketHashes: hashes,
    ticketsHash: hash('sha256', hashes, 'hex'),
  };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
