import type { Sql } from '@clearinghouse/shared';
import { LIMITS } from '../limits.ts';
import { countUnsealed, findSealed, type SealedEntry } from './audit-store.ts';
import { CHAIN_START, hashEntry, nextSeal } from './chain.ts';

export type AuditFault = {
  readonly entryId: string;
  readonly fault: 'changed' | 'removed' | 'chain broken' | 'seal removed';
};

/** What the proof of the audit log came to; `head` is worth keeping elsewhere. */
export type AuditProof = {
  readonly sealed: number;
  readonly purged: number;
  /** Entries that should have been sealed by now and are not. */
  readonly unsealed: number;
  readonly faults: readonly AuditFault[];
  /** Hash of the last seal, hex: whoever keeps it can tell later that nothing was cut off. */
  readonly head: string;
};

/**
 * Proves the audit log: every seal follows the one before it, every entry is what was sealed, and
 * none is missing but those that were purged for their age.
 */
export async function verifyAudit(deps: { readonly db: Sql }): Promise<AuditProof> {
  const faults: AuditFault[] = [];
  let previous: Buffer = CHAIN_START;
  let [seq, sealed, purged] = [0n, 0, 0];
  for (;;) {
    const batch = await findSealed(deps.db, seq, LIMITS.auditVerifyBatch);
    for (const seal of batch) {
      const fault = faultOf(seal, seq, previous);
      if (fault) faults.push({ entryId: seal.entryId.toString(), fault });
      [seq, previous] = [seal.seq, seal.hash];
      sealed += 1;
      if (!seal.entry && seal.isPurged) purged += 1;
    }
    if (batch.length < LIMITS.auditVerifyBatch) break;
  }
  const unsealed = await countUnsealed(deps.db, LIMITS.auditUnsealedMaxSec);
  return { sealed, purged, unsealed, faults, head: previous.toString('hex') };
}

function faultOf(
  seal: SealedEntry,
  before: bigint,
  previous: Buffer,
): AuditFault['fault'] | undefined {
  if (seal.seq !== before + 1n) return 'seal removed';
  if (!nextSeal(previous, seal.entryHash).equals(seal.hash)) return 'chain broken';
  if (!seal.entry) return seal.isPurged ? undefined : 'removed';
  return hashEntry(seal.entry).equals(seal.entryHash) ? undefined : 'changed';
}
