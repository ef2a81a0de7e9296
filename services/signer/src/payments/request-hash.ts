import { hash } from 'node:crypto';
import { toMinimalBytes } from '../wire/normalise-bytes.ts';
import type { OrchestratorInfo, TicketParams } from '../wire/orchestrator-info.ts';
import type { PaymentRequest } from '../wire/payment-request.ts';

const DOMAIN = 'clearinghouse payment request 1';

/**
 * SHA-256 of what a request means: two requests with one hash ask for the same payment, and
 * nothing that may differ between retries counts (field order, map order, white space, the
 * clock). `capabilities` is their canonical encoding. 32 bytes.
 *
 * Every part goes in behind its length, an absent one as length 2^32 - 1, so that no two
 * different requests are the same text.
 */
export function requestHash(input: {
  readonly authId: string;
  readonly request: PaymentRequest;
  readonly info: OrchestratorInfo;
  readonly capabilities: Uint8Array | undefined;
}): Buffer {
  const { request, info } = input;
  const parts: (Uint8Array | string | undefined)[] = [
    DOMAIN,
    input.authId,
    request.stateBytes,
    request.type,
    request.app,
    request.manifestId,
    request.inPixels.toString(),
    request.maxPrice?.price,
    request.maxPrice?.currency,
    request.maxPrice?.unit,
    input.capabilities,
    info.address,
    ...(info.ticketParams ? ticketParts(info.ticketParams) : [undefined]),
    info.priceInfo?.bytes,
    info.authToken?.bytes,
  ];
  return hash('sha256', joinParts(parts), 'buffer');
}

function ticketParts(params: TicketParams): Uint8Array[] {
  return [
    params.recipient,
    toMinimalBytes(params.faceValueWei),
    toMinimalBytes(params.winProb),
    params.recipientRandHash,
    toMinimalBytes(params.seed),
    toMinimalBytes(params.expirationBlock),
    toMinimalBytes(params.creationRound),
    params.creationBlockHash,
  ];
}

/** Into one buffer: a small one for each length and text would cost more than the hash. */
function joinParts(parts: readonly (Uint8Array | string | undefined)[]): Buffer {
  const joined = Buffer.allocUnsafe(parts.reduce((sum, part) => sum + 4 + sizeOf(part), 0));
  let at = 0;
  for (const part of parts) {
    const size = sizeOf(part);
    at = joined.writeUInt32BE(part === undefined ? 0xffff_ffff : size, at);
    if (typeof part === 'string') joined.write(part, at, 'utf8');
    else if (part) joined.set(part, at);
    at += size;
  }
  return joined;
}

function sizeOf(part: Uint8Array | string | undefined): number {
  if (part === undefined) return 0;
  return typeof part === 'string' ? Buffer.byteLength(part, 'utf8') : part.length;
}
