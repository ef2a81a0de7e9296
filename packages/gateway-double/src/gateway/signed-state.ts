import { recoverSigner } from '../crypto/recover-signer.ts';

/** The blob that a gateway carries from call to call without looking into it; base64 twice. */
export type SignedState = { readonly State: string; readonly Sig: string };

/** What stands in the blob, for checking; a gateway never reads it. */
export type StateContent = {
  readonly stateId: string;
  readonly lastUpdateNs: bigint;
  readonly balance: string;
  readonly senderNonce: number;
  readonly sequenceNumber: bigint;
  readonly initialPricePerUnit: bigint;
  readonly initialPixelsPerUnit: bigint;
  readonly type: string;
  readonly authId: string;
};

/**
 * Opens a state blob and checks its signature, which is over the raw bytes.
 *
 * @returns `undefined` when it was not signed by `signer` or does not read as Go's struct.
 */
export function readState(blob: SignedState, signer: string): StateContent | undefined {
  const bytes = Buffer.from(blob.State, 'base64');
  const recovered = recoverSigner(bytes, Buffer.from(blob.Sig, 'base64'));
  if (recovered !== signer.toLowerCase()) return undefined;
  const text = bytes.toString('utf8');
  const lastUpdateNs = parseGoTime(textMember(text, 'LastUpdate'));
  if (lastUpdateNs === undefined) return undefined;
  return {
    stateId: textMember(text, 'StateID'),
    lastUpdateNs,
    balance: textMember(text, 'Balance'),
    senderNonce: Number(numberMember(text, 'SenderNonce')),
    sequenceNumber: numberMember(text, 'SequenceNumber'),
    initialPricePerUnit: numberMember(text, 'InitialPricePerUnit'),
    initialPixelsPerUnit: numberMember(text, 'InitialPixelsPerUnit'),
    type: textMember(text, 'Type'),
    authId: textMember(text, 'AuthID'),
  };
}

/** A text member of the flat object; empty when absent. */
function textMember(json: string, name: string): string {
  const value: unknown = (JSON.parse(json) as Record<string, unknown>)[name];
  return typeof value === 'string' ? value : '';
}

/** An integer member, read from the text: JSON.parse would round what is above 2^53. */
function numberMember(json: string, name: string): bigint {
  const match = new RegExp(`"${name}":(-?\\d+)[,}]`).exec(json);
  return BigInt(match?.[1] ?? '0');
}

const GO_TIME = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2})$/;
const NS_PER_MS = 1_000_000n;

/** RFC3339Nano as nanoseconds since 1970; `undefined` when it is not one. */
export function parseGoTime(text: string): bigint | undefined {
  const match = GO_TIME.exec(text);
  if (!match?.[1] || !match[3]) return undefined;
  const wholeMs = Date.parse(`${match[1]}${match[3]}`);
  if (Number.isNaN(wholeMs)) return undefined;
  return BigInt(wholeMs) * NS_PER_MS + BigInt((match[2] ?? '').padEnd(9, '0'));
}
