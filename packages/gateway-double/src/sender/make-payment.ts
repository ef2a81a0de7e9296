import type { SigningKey } from 'ethers';
import { computeAddress, hashMessage, keccak256 } from 'ethers';
import { fromHex } from '../amounts/big-bytes.ts';
import { flattenSegment } from '../orchestrator/check-segment.ts';
import type { PaymentHeaders } from '../orchestrator/read-payment.ts';
import { hashTicket } from '../tickets/ticket.ts';
import { encodePayment } from '../wire/convert-payment.ts';
import { encodeSegData } from '../wire/convert-seg-data.ts';
import type { OrchestratorInfo, Payment, SegData } from '../wire/messages.ts';

/** What a payment is made from. */
export type PaymentPlan = {
  readonly key: SigningKey;
  readonly info: OrchestratorInfo;
  readonly manifestId: string;
  readonly nonces: readonly number[];
  /** An encoded `net.Capabilities` for the credentials. */
  readonly capabilities?: Uint8Array;
};

/** A payment as messages, before it is encoded; tests change it here. */
export type MadePayment = { readonly payment: Payment; readonly segment: SegData };

const NO_BYTES_HASH = fromHex(keccak256(new Uint8Array()));
const NO_ROUND = { creationRound: 0n, creationRoundBlockHash: new Uint8Array(32) };

/** Makes a payment with a key in hand: the sender that a remote signer stands in for. */
export function makePayment(plan: PaymentPlan): MadePayment {
  const { info, key } = plan;
  const sender = fromHex(computeAddress(key).toLowerCase());
  const { expirationParams = NO_ROUND, ...ticketParams } = info.ticketParams;
  const payment: Payment = {
    ticketParams,
    sender,
    expirationParams,
    expectedPrice: info.priceInfo,
    tickets: plan.nonces.map((nonce) => {
      const ticket = { ...ticketParams, ...expirationParams, sender, senderNonce: nonce };
      return { nonce, sig: ethSign(key, hashTicket(ticket)) };
    }),
  };
  return { payment, segment: makeSegment(plan) };
}

/** The two headers of a payment. */
export function toHeaders(made: MadePayment): PaymentHeaders {
  return {
    payment: Buffer.from(encodePayment(made.payment)).toString('base64'),
    segment: Buffer.from(encodeSegData(made.segment)).toString('base64'),
  };
}

function makeSegment(plan: PaymentPlan): SegData {
  const unsigned = {
    manifestId: Buffer.from(plan.manifestId, 'utf8'),
    seq: 0n,
    hash: NO_BYTES_HASH,
    profiles: Buffer.from('invalid', 'ascii'),
    capabilities: plan.capabilities,
    authToken: plan.info.authToken,
  };
  return { ...unsigned, sig: gatewaySign(plan.key, flattenSegment(unsigned)) };
}

/** EIP-191 over the bytes. */
export function ethSign(key: SigningKey, bytes: Uint8Array): Uint8Array {
  return fromHex(key.sign(hashMessage(bytes)).serialized);
}

/** EIP-191 over keccak256 of the bytes. */
export function gatewaySign(key: SigningKey, bytes: Uint8Array): Uint8Array {
  return ethSign(key, fromHex(keccak256(bytes)));
}
