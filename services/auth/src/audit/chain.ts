import { createHash } from 'node:crypto';

/** An entry as it is hashed: every column, exactly. */
export type HashedEntry = {
  readonly id: bigint;
  /** Microseconds since 1970. */
  readonly occurredUs: bigint;
  readonly appId: string | null;
  readonly actor: string;
  readonly action: string;
  readonly target: string | null;
  readonly reason: string | null;
  readonly requestId: string | null;
  /** The database's own text of the jsonb, whose form does not depend on how it was written. */
  readonly detail: string;
};

/** What the first seal follows. */
export const CHAIN_START = Buffer.alloc(32);

/** SHA-256 over the columns of an entry; an absent one is not an empty one. */
export function hashEntry(entry: HashedEntry): Buffer {
  const { id, occurredUs, appId, actor, action, target, reason, requestId, detail } = entry;
  const columns = [String(id), String(occurredUs), appId, actor, action];
  const text = JSON.stringify([...columns, target, reason, requestId, detail]);
  return createHash('sha256').update(text, 'utf8').digest();
}

/** The next seal of a chain. */
export function nextSeal(previous: Uint8Array, entryHash: Uint8Array): Buffer {
  return createHash('sha256').update(previous).update(entryHash).digest();
}
