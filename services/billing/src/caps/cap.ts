/** Whom a cap binds. */
export type CapScope = 'app' | 'user' | 'key';
/** What it counts: charges in micro-USD, or ticket value bought and not yet used, in wei. */
export type CapMetric = 'charge_micros' | 'session_credit_wei';
/** The stretch of UTC time after which `used` starts again at zero. */
export type CapPeriod = 'day' | 'month' | 'total';

/** One app, user or key within an app. */
export type CapOwner = {
  readonly appId: string;
  readonly scope: CapScope;
  readonly scopeId: string;
};

/** A cap as it stands inside the window of now. */
export type CapLine = CapOwner & {
  readonly metric: CapMetric;
  readonly period: CapPeriod;
  /** Absent: the service's default for session credit. */
  readonly limit: bigint | undefined;
  readonly used: bigint;
  readonly held: bigint;
  /** First day of the window that `used` speaks of, as YYYY-MM-DD. */
  readonly windowStart: string;
};

/** The first day of the window that a UTC day lies in; both as YYYY-MM-DD. */
export function windowStartOf(period: CapPeriod, day: string): string {
  if (period === 'day') return day;
  return period === 'month' ? `${day.slice(0, 7)}-01` : '1970-01-01';
}

/** What was used in the window of `day`: nothing, when the stored window is an earlier one. */
export function usedInWindow(
  line: Pick<CapLine, 'period' | 'windowStart' | 'used'>,
  day: string,
): bigint {
  return line.windowStart < windowStartOf(line.period, day) ? 0n : line.used;
}

/** Those whom a payment counts against: its app, its user and its key. */
export function capOwners(payment: {
  appId: string;
  subject: string;
  keyId?: string | undefined;
}): CapOwner[] {
  const { appId, subject, keyId } = payment;
  const owners: CapOwner[] = [{ appId, scope: 'app', scopeId: appId }];
  if (subject !== 'app') owners.push({ appId, scope: 'user', scopeId: subject });
  if (keyId !== undefined) owners.push({ appId, scope: 'key', scopeId: keyId });
  return owners;
}

/** The key of a cap's owner in a map. */
export function ownerKey(owner: CapOwner): string {
  return `${owner.appId} ${owner.scope} ${owner.scopeId}`;
}
