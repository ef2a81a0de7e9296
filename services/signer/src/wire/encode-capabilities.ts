import type { Capabilities, ModelConstraint } from './capabilities.ts';
import { openMessage, packIntegers } from './message-writer.ts';

/**
 * Writes `net.Capabilities` as go-livepeer re-encodes it for SegData: the constraints always
 * present, `capacityInUse` gone. Maps are sorted by key, so that equal capabilities are equal
 * bytes; Go writes them in random order.
 */
export function encodeCapabilities(capabilities: Capabilities): Uint8Array {
  const out = openMessage();
  out.bytes(1, packIntegers(capabilities.bitstring));
  out.bytes(2, packIntegers(capabilities.mandatories));
  for (const [capability, capacity] of sortedByNumber(capabilities.capacities)) {
    const entry = openMessage();
    entry.entry(1, BigInt(capability));
    entry.entry(2, BigInt(capacity));
    out.message(3, entry.finish());
  }
  out.text(4, capabilities.version);
  out.message(5, encodeConstraints(capabilities));
  return out.finish();
}

function encodeConstraints({ minVersion, perCapability }: Capabilities): Uint8Array {
  const out = openMessage();
  out.text(1, minVersion);
  for (const [capability, models] of sortedByNumber(perCapability)) {
    const entry = openMessage();
    entry.entry(1, BigInt(capability));
    entry.message(2, encodeModels(models));
    out.message(2, entry.finish());
  }
  return out.finish();
}

function encodeModels(models: ReadonlyMap<string, ModelConstraint>): Uint8Array {
  const out = openMessage();
  const names = [...models.keys()].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  for (const name of names) {
    const entry = openMessage();
    entry.message(1, Buffer.from(name, 'utf8'));
    entry.message(2, encodeModel(models.get(name)));
    out.message(1, entry.finish());
  }
  return out.finish();
}

function encodeModel(model: ModelConstraint | undefined): Uint8Array {
  const out = openMessage();
  out.integer(1, model?.warm === true ? 1n : 0n);
  out.integer(2, BigInt(model?.capacity ?? 0));
  out.text(3, model?.runnerVersion ?? '');
  return out.finish();
}

function sortedByNumber<T>(map: ReadonlyMap<number, T>): [number, T][] {
  return [...map].sort(([a], [b]) => a - b);
}
