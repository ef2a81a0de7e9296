const NS_PER_SEC = 1_000_000_000n;
const RFC3339 =
  /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(?:Z|([+-])(\d{2}):(\d{2}))$/;

/**
 * Reads an RFC 3339 instant as Go's `time.Time` does: any offset, fractions beyond nine
 * digits cut off. Gives nanoseconds since the Unix epoch, or `undefined`.
 */
export function parseTime(text: string): bigint | undefined {
  const match = RFC3339.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number);
  const seconds = instantOf(year ?? 0, month ?? 0, day ?? 0, hour ?? 0, minute ?? 0, second ?? 0);
  const offsetSec = offsetOf(match[8], match[9], match[10]);
  if (seconds === undefined || offsetSec === undefined) return undefined;
  const fractionNs = BigInt((match[7] ?? '').slice(0, 9).padEnd(9, '0'));
  return BigInt(seconds - offsetSec) * NS_PER_SEC + fractionNs;
}

function instantOf(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
): number | undefined {
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  // Date.UTC takes years below 100 for 19xx.
  const date = new Date(Date.UTC(2000, month - 1, day, hour, minute, second));
  date.setUTCFullYear(year, month - 1, day);
  const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return exists ? date.getTime() / 1000 : undefined;
}

function offsetOf(sign?: string, hours?: string, minutes?: string): number | undefined {
  if (sign === undefined) return 0;
  if (Number(hours) > 23 || Number(minutes) > 59) return undefined;
  const seconds = Number(hours) * 3600 + Number(minutes) * 60;
  return sign === '-' ? -seconds : seconds;
}
