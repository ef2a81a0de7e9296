import { PROTOCOL } from '../limits.ts';
import { ZERO_TIME_NS } from '../sessions/state.ts';

const NS_PER_SEC = 1_000_000_000n;
const NS_PER_MS = 1_000_000n;

export type BillableUnits =
  | { readonly ok: true; readonly units: bigint; readonly billableMs: bigint }
  | { readonly ok: false; readonly code: 'session_idle' };

/**
 * What a call bills, in the units of its job type:
 *
 * | type  | first call | with a state                              |
 * |-------|------------|-------------------------------------------|
 * | lv2v  | 60 s       | trunc(27,648,000 x seconds since the last) |
 * | live  | 10         | ceil(seconds since the last)              |
 * | fixed | 1          | 1                                         |
 * | (none)| inPixels   | inPixels                                  |
 *
 * Two deviations from go-livepeer. With a state, time that stands still or runs backwards
 * bills nothing; there it bills the first call's preload once more. And a session idle for
 * more than `sessionIdleMaxSec` is refused (`session_idle`), where go-livepeer would bill the
 * whole pause. `fixed` and untyped jobs do not bill time, so they may rest.
 *
 * `lastUpdateNs` is absent on a first call.
 */
export function billableUnits(input: {
  readonly type: string;
  readonly inPixels: bigint;
  readonly nowNs: bigint;
  readonly lastUpdateNs: bigint | undefined;
  readonly sessionIdleMaxSec: number;
}): BillableUnits {
  const { type, lastUpdateNs } = input;
  if (type === 'fixed') return { ok: true, units: 1n, billableMs: 0n };
  if (type !== 'lv2v' && type !== 'live') {
    return { ok: true, units: input.inPixels, billableMs: 0n };
  }
  if (lastUpdateNs === undefined) return preload(type);
  const elapsedNs = lastUpdateNs === ZERO_TIME_NS ? 0n : input.nowNs - lastUpdateNs;
  if (elapsedNs <= 0n) return { ok: true, units: 0n, billableMs: 0n };
  if (elapsedNs > BigInt(input.sessionIdleMaxSec) * NS_PER_SEC) {
    return { ok: false, code: 'session_idle' };
  }
  return { ok: true, units: unitsOf(type, elapsedNs), billableMs: elapsedNs / NS_PER_MS };
}

function preload(type: 'lv2v' | 'live'): BillableUnits {
  const sec = type === 'lv2v' ? PROTOCOL.lv2vPreloadSec : PROTOCOL.livePreloadSec;
  const units = type === 'lv2v' ? sec * BigInt(PROTOCOL.lv2vPixelsPerSec) : sec;
  return { ok: true, units, billableMs: sec * 1000n };
}

/**
 * Go computes pixels in float64; the same rounding here, or the two would differ by a pixel.
 * `time.Duration.Seconds` adds whole seconds and the rest / 1e9.
 */
function unitsOf(type: 'lv2v' | 'live', elapsedNs: bigint): bigint {
  if (type === 'live') return (elapsedNs + NS_PER_SEC - 1n) / NS_PER_SEC;
  const sec = Number(elapsedNs / NS_PER_SEC) + Number(elapsedNs % NS_PER_SEC) / 1e9;
  return BigInt(Math.trunc(PROTOCOL.lv2vPixelsPerSec * sec));
}
