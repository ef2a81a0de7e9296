const NS_PER_SEC = 1_000_000_000n;

/**
 * An instant as Go's RFC3339Nano writes it in UTC: trailing zeros of the fraction dropped,
 * no fraction when it is zero. Takes nanoseconds since the Unix epoch, from year 1 to 9999.
 */
export function formatTime(epochNs: bigint): string {
  const fractionNs = ((epochNs % NS_PER_SEC) + NS_PER_SEC) % NS_PER_SEC;
  const epochSec = Number((epochNs - fractionNs) / NS_PER_SEC);
  // toISOString ends in `.000Z`, since whole seconds went in.
  const seconds = new Date(epochSec * 1000).toISOString().slice(0, -5);
  if (fractionNs === 0n) return `${seconds}Z`;
  return `${seconds}.${fractionNs.toString().padStart(9, '0').replace(/0+$/, '')}Z`;
}
