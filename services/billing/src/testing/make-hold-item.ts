import { randomBytes } from 'node:crypto';
import type { HoldItemWire } from '@clearinghouse/shared';

/** What a test says of a payment; the rest is made up. */
export type HoldItemShape = {
  readonly appId?: string;
  /** `usr_…`, or `app` for the app's machines. */
  readonly subject?: string;
  readonly externalUserId?: string;
  readonly clientId?: string;
  readonly keyId?: string;
  readonly grantId?: string;
  readonly jti?: string;
  readonly askNo?: number;
  readonly sender?: string;
  readonly stateId?: string;
  readonly seq?: number;
  readonly requestHash?: string;
  readonly recipientRandHash?: string;
  readonly nonceFrom?: number;
  readonly numTickets?: number;
  readonly feeWei?: bigint;
  readonly ticketEvWei?: bigint;
  readonly pipeline?: string;
  readonly model?: string;
};

const SENDER = `0x${'5e'.repeat(20)}`;
const ORCHESTRATOR = `0x${'0c'.repeat(20)}`;

/** Random bytes as hex. */
export function randomHex(bytes: number): string {
  return randomBytes(bytes).toString('hex');
}

/**
 * One payment as a signer asks for it: alone in its session, unless the shape says otherwise. The
 * ticket's value is the fee, so that no credit is bought beyond it.
 */
export function makeHoldItem(shape: HoldItemShape = {}): HoldItemWire {
  const feeWei = (shape.feeWei ?? 1_000_000n).toString();
  const stateId = shape.stateId ?? randomHex(16);
  const nonceFrom = shape.nonceFrom ?? 1;
  const numTickets = shape.numTickets ?? 1;
  return {
    askNo: shape.askNo ?? 1,
    senderAddress: shape.sender ?? SENDER,
    stateId,
    seq: shape.seq ?? 1,
    requestHash: shape.requestHash ?? randomHex(32),
    principal: principalOf(shape),
    ticketEvWei: (shape.ticketEvWei ?? BigInt(feeWei)).toString(),
    sessionCreditWei: '0',
    faceValueWei: '1000000000000000',
    winProb: '115792089237316195423570985008687907853269984665640564039457584007913',
    recipientRandHash: shape.recipientRandHash ?? randomHex(32),
    nonceTo: nonceFrom + numTickets - 1,
    usage: {
      orchAddress: ORCHESTRATOR,
      orchUrl: 'https://orchestrator.example:8935',
      jobType: 'lv2v',
      pipeline: shape.pipeline ?? 'live-video-to-video',
      model: shape.model ?? 'noop',
      units: '55296000',
      billableMs: '1000',
      pricePerUnit: '1200',
      pixelsPerUnit: '1',
    },
    rebuild: {
      nowNs: '1780000000000000000',
      creationRound: '4000',
      creationBlockHash: randomHex(32),
      stateId,
      manifestId: randomHex(16),
      nonceFrom,
      numTickets,
      feeWei,
      newBalance: '0/1',
      initialPricePerUnit: '1200',
      initialPixelsPerUnit: '1',
      newStateHash: randomHex(32),
      paymentHash: randomHex(32),
    },
  };
}

function principalOf(shape: HoldItemShape): HoldItemWire['principal'] {
  const subject = shape.subject ?? 'app';
  const { externalUserId, clientId, keyId, grantId, jti } = shape;
  return {
    appId: shape.appId ?? 'app_test',
    subject,
    attribution: subject === 'app' ? 'gateway' : 'direct',
    ...(subject === 'app' ? {} : { userId: subject }),
    ...(externalUserId === undefined ? {} : { externalUserId }),
    ...(clientId === undefined ? {} : { clientId }),
    ...(keyId === undefined ? {} : { keyId }),
    ...(grantId === undefined ? {} : { grantId }),
    ...(jti === undefined ? {} : { jti }),
  };
}
