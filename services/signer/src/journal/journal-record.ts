import {
  type HoldItemWire,
  hash32Field,
  holdItemSchema,
  idField,
  positionField,
  type SettleItem,
} from '@clearinghouse/shared';
import { z } from 'zod';

/** What the journal keeps of a signed payment: enough to settle it, and to make its hold anew. */
export type JournalRecord = {
  readonly v: 1;
  readonly holdId: string;
  readonly forkNo: number;
  readonly replayed: boolean;
  /** Hashes of the tickets in nonce order, 32 bytes each, base64. */
  readonly ticketHashes: string;
  readonly ticketsHash: string;
  /** Decimal nanoseconds since 1970. */
  readonly signedAtNs: string;
  /** The ask as it was granted; its `askNo` is that of this record. */
  readonly hold: HoldItemWire;
};

const settledPart = z.object({
  holdId: z.uuid(),
  ticketsHash: hash32Field,
  signedAtNs: z.string().regex(/^[0-9]{1,20}$/),
  hold: z.object({
    askNo: positionField,
    stateId: idField,
    rebuild: z.object({ paymentHash: hash32Field }),
  }),
});

/** The settlement of a record, as it is sent. */
export type Settlement = { readonly askNo: number; readonly item: SettleItemWire };
export type SettleItemWire = Omit<SettleItem, 'signedAtNs'> & { readonly signedAtNs: string };

/** A record as bytes: JSON. */
export function encodeRecord(record: JournalRecord): Buffer {
  return Buffer.from(JSON.stringify(record), 'utf8');
}

/** The settlement of the record in these bytes; `undefined` when they hold none. */
export function readSettlement(bytes: Uint8Array): Settlement | undefined {
  const parsed = settledPart.safeParse(parseJson(bytes));
  if (!parsed.success) return undefined;
  const { holdId, ticketsHash, signedAtNs, hold } = parsed.data;
  const { paymentHash } = hold.rebuild;
  return { askNo: hold.askNo, item: { holdId, ticketsHash, paymentHash, signedAtNs } };
}

/** The hold item of a record, checked in full: for putting a lost hold back by hand. */
export function readHoldItem(bytes: Uint8Array): HoldItemWire | undefined {
  const document = parseJson(bytes) as { hold?: unknown } | undefined;
  const isItem = holdItemSchema.safeParse(document?.hold).success;
  return isItem ? (document?.hold as HoldItemWire) : undefined;
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString());
  } catch {
    return undefined;
  }
}
