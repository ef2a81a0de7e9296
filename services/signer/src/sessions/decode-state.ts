import { type Address, parseAddress } from '@clearinghouse/shared';
import { SIGNER_LIMITS } from '../limits.ts';
import { type GoJson, parseGoJson } from '../wire/parse-go-json.ts';
import {
  FieldMismatch,
  foldKey,
  readInteger,
  readObject,
  readString,
} from '../wire/read-go-field.ts';
import { parseTime } from './parse-time.ts';
import { type SessionState, ZERO_TIME_NS } from './state.ts';

type Draft = { -readonly [K in keyof SessionState]: SessionState[K] };

const UINT32_MAX = 0xffff_ffffn;
/** One below the largest safe integer: the next call adds one to it. */
const SEQUENCE_MAX = BigInt(Number.MAX_SAFE_INTEGER) - 1n;
const STATE_ID = /^[\x21-\x7e]+$/;

/**
 * Reads a state's JSON by Go's rules, all 64 bits of each integer kept. Its signature must
 * have been verified before.
 *
 * Gives `undefined` (answer `invalid_state`) for anything go-livepeer would not parse, and for
 * a state without a printable StateID of at most `idCharsMax` characters.
 */
export function decodeState(bytes: Uint8Array): SessionState | undefined {
  if (bytes.length > SIGNER_LIMITS.stateBytesMax) return undefined;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  const document = parseGoJson(text);
  if (document === undefined) return undefined;
  try {
    const state = readState(document);
    return isStateId(state.stateId) ? state : undefined;
  } catch (fault) {
    if (fault instanceof FieldMismatch) return undefined;
    throw fault;
  }
}

function isStateId(id: string): boolean {
  return id.length <= SIGNER_LIMITS.idCharsMax && STATE_ID.test(id);
}

function readState(document: GoJson): SessionState {
  const draft: Draft = {
    stateId: '',
    pmSessionId: '',
    lastUpdateNs: ZERO_TIME_NS,
    orchestratorAddress: `0x${'0'.repeat(40)}` as Address,
    app: '',
    authExpirySec: 0n,
    senderNonce: 0,
    balance: '',
    initialPricePerUnit: 0n,
    initialPixelsPerUnit: 0n,
    type: '',
    sequenceNumber: 0n,
    authId: '',
  };
  for (const [key, value] of readObject(document)) READERS.get(foldKey(key))?.(draft, value);
  return draft;
}

type Reader = (draft: Draft, value: GoJson) => void;

const FIELDS: Readonly<Record<string, Reader>> = {
  stateid: (draft, value) => {
    draft.stateId = readString(value, draft.stateId);
  },
  pmsessionid: (draft, value) => {
    draft.pmSessionId = readString(value, draft.pmSessionId);
  },
  lastupdate: (draft, value) => {
    draft.lastUpdateNs = readTime(value, draft.lastUpdateNs);
  },
  orchestratoraddress: (draft, value) => {
    draft.orchestratorAddress = readAddress(value);
  },
  app: (draft, value) => {
    draft.app = readString(value, draft.app);
  },
  authexpiry: (draft, value) => {
    draft.authExpirySec = readInteger(value, draft.authExpirySec);
  },
  sendernonce: (draft, value) => {
    const nonce = readInteger(value, BigInt(draft.senderNonce), 0n, UINT32_MAX);
    draft.senderNonce = Number(nonce);
  },
  balance: (draft, value) => {
    draft.balance = readString(value, draft.balance);
  },
  initialpriceperunit: (draft, value) => {
    draft.initialPricePerUnit = readInteger(value, draft.initialPricePerUnit);
  },
  initialpixelsperunit: (draft, value) => {
    draft.initialPixelsPerUnit = readInteger(value, draft.initialPixelsPerUnit);
  },
  type: (draft, value) => {
    draft.type = readString(value, draft.type);
  },
  sequencenumber: (draft, value) => {
    draft.sequenceNumber = readInteger(value, draft.sequenceNumber, 0n, SEQUENCE_MAX);
  },
  authid: (draft, value) => {
    draft.authId = readString(value, draft.authId);
  },
};
// A map, so that keys such as `constructor` find nothing.
const READERS: ReadonlyMap<string, Reader> = new Map(Object.entries(FIELDS));

function readTime(value: GoJson, before: bigint): bigint {
  if (value === null) return before;
  const instant = typeof value === 'string' ? parseTime(value) : undefined;
  if (instant === undefined) throw new FieldMismatch();
  return instant;
}

function readAddress(value: GoJson): Address {
  const address = typeof value === 'string' ? parseAddress(value) : undefined;
  if (address === undefined) throw new FieldMismatch();
  return address;
}
