import { CONTRACT_LIMITS, parseAddress, type Wei } from '@clearinghouse/shared';
import {
  isCount,
  isHash,
  isId,
  isIdOrAbsent,
  isInt64,
  isRecord,
  isText,
  isWei,
  isWhole,
} from './check-fields.ts';
import type { CheckedItem, RebuildTexts } from './checked-item.ts';

type Principal = CheckedItem['principal'];
type Usage = CheckedItem['usage'];

const NONCE_MAX = 0xffff_ffff;
const ATTRIBUTIONS: ReadonlySet<unknown> = new Set(['direct', 'front_door', 'gateway']);
const JOB_TYPES: ReadonlySet<unknown> = new Set(['', 'lv2v', 'live', 'fixed']);
/** A rational: digits, a sign, one slash or one point. Written to a text column as it is. */
const BALANCE = /^-?[0-9]+([/.][0-9]+)?$/;

/**
 * Parses one item of a hold request on its own, so that a bad one never fails its batch. Takes
 * what `holdItemSchema` takes, and drops what it does not know.
 *
 * @returns `undefined` for an item that is malformed or contradicts itself (answer
 * `invalid_request`).
 */
export function parseHoldItem(raw: unknown): CheckedItem | undefined {
  if (!isRecord(raw)) return undefined;
  const { askNo, stateId, seq, requestHash, ticketEvWei, sessionCreditWei } = raw;
  const { faceValueWei, winProb, recipientRandHash, nonceTo } = raw;
  const senderAddress = toAddress(raw.senderAddress);
  const principal = parsePrincipal(raw.principal);
  const usage = parseUsage(raw.usage);
  const rebuild = parseRebuild(raw.rebuild);
  if (!senderAddress || !principal || !usage || !rebuild) return undefined;
  if (!isWhole(askNo, 0, Number.MAX_SAFE_INTEGER)) return undefined;
  if (!isWhole(seq, 0, Number.MAX_SAFE_INTEGER) || !isId(stateId)) return undefined;
  if (!isHash(requestHash) || !isHash(recipientRandHash)) return undefined;
  if (!isWei(ticketEvWei) || !isWei(sessionCreditWei)) return undefined;
  if (!isWei(faceValueWei) || !isWei(winProb)) return undefined;
  if (!isWhole(nonceTo, 1, NONCE_MAX)) return undefined;
  if (rebuild.stateId !== stateId) return undefined;
  if (nonceTo - rebuild.nonceFrom + 1 !== rebuild.numTickets) return undefined;
  return {
    askNo,
    senderAddress,
    stateId,
    seq,
    requestHash,
    principal,
    feeWei: BigInt(rebuild.feeWei) as Wei,
    ticketEvWei: BigInt(ticketEvWei) as Wei,
    sessionCreditWei,
    faceValueWei,
    winProb,
    recipientRandHash,
    nonceTo,
    usage,
    rebuild,
  };
}

function parsePrincipal(raw: unknown): Principal | undefined {
  if (!isRecord(raw)) return undefined;
  const { appId, subject, userId, externalUserId, clientId, keyId, grantId, jti } = raw;
  const { attribution } = raw;
  if (!isId(appId) || !isId(subject) || !ATTRIBUTIONS.has(attribution)) return undefined;
  if (!isIdOrAbsent(clientId) || !isIdOrAbsent(keyId)) return undefined;
  if (!isIdOrAbsent(grantId) || !isIdOrAbsent(jti) || !isIdOrAbsent(userId)) return undefined;
  if (userId !== undefined && (userId !== subject || subject === 'app')) return undefined;
  const externalMax = CONTRACT_LIMITS.externalUserIdCharsMax;
  if (externalUserId !== undefined && !isText(externalUserId, externalMax)) return undefined;
  const known = { appId, subject, userId, externalUserId, clientId, keyId, grantId, jti };
  return { ...known, attribution: attribution as Principal['attribution'] };
}

function parseUsage(raw: unknown): Usage | undefined {
  if (!isRecord(raw)) return undefined;
  const { orchUrl, jobType, pipeline, model, units, billableMs, pricePerUnit } = raw;
  const { pixelsPerUnit } = raw;
  const orchAddress = toAddress(raw.orchAddress);
  if (!orchAddress || !isText(orchUrl, CONTRACT_LIMITS.urlCharsMax)) return undefined;
  if (!JOB_TYPES.has(jobType)) return undefined;
  if (!isText(pipeline, CONTRACT_LIMITS.modelCharsMax)) return undefined;
  if (!isText(model, CONTRACT_LIMITS.modelCharsMax)) return undefined;
  if (!isCount(units) || !isCount(billableMs)) return undefined;
  if (!isInt64(pricePerUnit) || !isInt64(pixelsPerUnit)) return undefined;
  const texts = { orchAddress, orchUrl, jobType: jobType as Usage['jobType'], pipeline, model };
  return { ...texts, units, billableMs, pricePerUnit, pixelsPerUnit };
}

function parseRebuild(raw: unknown): RebuildTexts | undefined {
  if (!isRecord(raw)) return undefined;
  const { nowNs, creationRound, creationBlockHash, stateId, manifestId, nonceFrom } = raw;
  const { numTickets, feeWei, newBalance, initialPricePerUnit, initialPixelsPerUnit } = raw;
  const { newStateHash, paymentHash } = raw;
  if (!isCount(nowNs) || !isCount(creationRound) || !isHash(creationBlockHash)) return undefined;
  if (!isId(stateId) || !isId(manifestId) || !isWei(feeWei)) return undefined;
  if (!isWhole(nonceFrom, 1, NONCE_MAX)) return undefined;
  if (!isWhole(numTickets, 1, CONTRACT_LIMITS.ticketsMax)) return undefined;
  if (typeof newBalance !== 'string' || newBalance.length > CONTRACT_LIMITS.balanceCharsMax) {
    return undefined;
  }
  if (!BALANCE.test(newBalance) || !isHash(newStateHash) || !isHash(paymentHash)) return undefined;
  if (!isInt64(initialPricePerUnit) || !isInt64(initialPixelsPerUnit)) return undefined;
  return {
    nowNs,
    creationRound,
    creationBlockHash,
    stateId,
    manifestId,
    nonceFrom,
    numTickets,
    feeWei,
    newBalance,
    initialPricePerUnit,
    initialPixelsPerUnit,
    newStateHash,
    paymentHash,
  };
}

function toAddress(raw: unknown) {
  return typeof raw === 'string' ? parseAddress(raw) : undefined;
}
