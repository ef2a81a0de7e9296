import type { Logger } from '@clearinghouse/shared';
import { POLICY_LIMITS } from '../limits.ts';
import type { LookUpRecipient, RecipientFacts } from './recipient.ts';

export type KnowRecipientsDeps = {
  readonly read: (address: string) => Promise<RecipientFacts>;
  readonly monotonicMs: () => number;
  readonly log: Logger;
};

type Known = { readonly facts: RecipientFacts; readonly atMs: number };

/**
 * Makes the memory of recipients: the first payment to one waits for the chain, the others do not.
 * What is older than `recipientFreshMs` is read again behind the payment's back and believed until
 * `maxAgeMs`; that somebody is not registered is believed for `recipientAbsentMs` only, so that a
 * new orchestrator need not wait. Only so many reads at once: recipients are the callers' choice.
 */
export function knowRecipients(
  deps: KnowRecipientsDeps,
  options: { readonly maxAgeMs: number },
): LookUpRecipient {
  const known = new Map<string, Known>();
  const reading = new Map<string, Promise<RecipientFacts | undefined>>();
  const remember = (address: string, facts: RecipientFacts) => {
    known.delete(address);
    known.set(address, { facts, atMs: deps.monotonicMs() });
    if (known.size <= POLICY_LIMITS.recipientsMax) return;
    const [oldest] = known.keys();
    if (oldest !== undefined) known.delete(oldest);
  };
  const read = (address: string): Promise<RecipientFacts | undefined> => {
    const underWay = reading.get(address);
    if (underWay) return underWay;
    if (reading.size >= POLICY_LIMITS.recipientReadsMax) return Promise.resolve(undefined);
    const made = deps
      .read(address)
      .then((facts) => {
        remember(address, facts);
        return facts;
      })
      .catch((error: unknown) => {
        const fault = error instanceof Error ? error.message : 'unknown';
        deps.log.warn({ address, fault }, 'a recipient could not be looked up');
        return undefined;
      })
      .finally(() => reading.delete(address));
    reading.set(address, made);
    return made;
  };
  return (address) => {
    const entry = known.get(address);
    if (entry === undefined) return read(address);
    const ageMs = deps.monotonicMs() - entry.atMs;
    const { isRegistered } = entry.facts;
    if (ageMs > (isRegistered ? options.maxAgeMs : POLICY_LIMITS.recipientAbsentMs)) {
      return read(address);
    }
    if (ageMs > POLICY_LIMITS.recipientFreshMs) void read(address);
    return entry.facts;
  };
}
