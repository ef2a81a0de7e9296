import { SIGNER_LIMITS } from '../limits.ts';
import type { Capabilities } from './capabilities.ts';
import { decodeCapabilities } from './decode-capabilities.ts';
import { decodePriceInfo } from './decode-price-info.ts';
import type { PriceInfo } from './orchestrator-info.ts';
import { BYTES, MalformedMessage, readFields } from './read-fields.ts';

/** What an orchestrator offers: the part of `net.OrchestratorInfo` that discovery reads. */
export type Offer = {
  readonly capabilities: Capabilities | undefined;
  /** A price for each capability and model. */
  readonly prices: readonly PriceInfo[];
};

/** Reads it; `undefined` when the bytes are no such message or name too many prices. */
export function decodeOffer(message: Uint8Array): Offer | undefined {
  let capabilities: Uint8Array | undefined;
  const prices: PriceInfo[] = [];
  try {
    readFields(message, (field) => {
      if (field.wireType !== BYTES) return;
      if (field.number === 5) {
        capabilities = Buffer.concat([capabilities ?? Buffer.alloc(0), field.bytes]);
      }
      if (field.number === 33) prices.push(decodePriceInfo(field.bytes));
      if (prices.length > SIGNER_LIMITS.capabilityEntriesMax) {
        throw new MalformedMessage('too many prices');
      }
    });
  } catch (fault) {
    if (fault instanceof MalformedMessage) return undefined;
    throw fault;
  }
  if (capabilities === undefined) return { capabilities: undefined, prices };
  const decoded = decodeCapabilities(capabilities);
  return decoded && { capabilities: decoded, prices };
}
