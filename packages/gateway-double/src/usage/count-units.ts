import type { JobType } from '../gateway/write-go-request.ts';

/** 1280 x 720 pixels at 30 frames a second. */
const LV2V_PIXELS_PER_SEC = 27_648_000;
const PRELOAD_SEC = { lv2v: 60, live: 10 } as const;
const NS_PER_SEC = 1_000_000_000n;

/**
 * The units that a call is billed for, in go-livepeer's own arithmetic: seconds as a double,
 * pixels cut off, live seconds rounded up.
 *
 * @param elapsedNs time since the session's last payment; `undefined` on its first, which buys
 * the preload. Nothing passed means nothing used.
 */
export function countUnits(type: JobType, elapsedNs: bigint | undefined): bigint {
  if (type === 'fixed') return 1n;
  if (elapsedNs !== undefined && elapsedNs <= 0n) return 0n;
  const seconds = elapsedNs === undefined ? PRELOAD_SEC[type] : toSeconds(elapsedNs);
  if (type === 'live') return BigInt(Math.ceil(seconds));
  return BigInt(Math.trunc(LV2V_PIXELS_PER_SEC * seconds));
}

/** As Go's Duration.Seconds: whole seconds and the fraction are converted apart. */
function toSeconds(durationNs: bigint): number {
  return Number(durationNs / NS_PER_SEC) + Number(durationNs % NS_PER_SEC) / 1e9;
}
