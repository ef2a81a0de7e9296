/** Remembers which asks were served, so that a copy of one is not served again. */
export type ServedAsks = {
  /** True the first time a nonce is seen before it expires. */
  readonly claim: (nonce: string, expiresAtMs: number, nowMs: number) => boolean;
};

/**
 * @param max nonces remembered; beyond it the oldest goes, which only lets an old copy through
 *   to a handler that is idempotent anyway.
 */
export function createServedAsks(max: number): ServedAsks {
  const expiries = new Map<string, number>();
  return {
    claim: (nonce, expiresAtMs, nowMs) => {
      if (expiries.has(nonce)) return false;
      expiries.set(nonce, expiresAtMs);
      forget(expiries, max, nowMs);
      return true;
    },
  };
}

/** Insertion order is nearly the order of expiry: looking at the oldest few is enough. */
function forget(expiries: Map<string, number>, max: number, nowMs: number): void {
  for (const [nonce, expiresAtMs] of expiries) {
    if (expiresAtMs > nowMs && expiries.size <= max) return;
    expiries.delete(nonce);
  }
}
