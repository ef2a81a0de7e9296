import type { Database } from '@clearinghouse/shared';
import { readCaps } from '../caps/read-caps.ts';
import { lesser } from '../ledger/lesser.ts';
import { readBalance } from '../ledger/read-balance.ts';
import { LIMITS } from '../limits.ts';
import { sumUsage, sumUsageByUser } from './read-usage.ts';

/**
 * What a user may still spend, in the shape that the builder SDK reads. Users have no purse of
 * their own: they spend from the app's, within their caps.
 *
 * @param input.user our id of the user, or the app's own; absent: the app as a whole.
 */
export async function readUserBalance(
  deps: { readonly sql: Database },
  input: { appId: string; user: string | undefined },
) {
  const { appId, user } = input;
  const query = { appId, user, from: undefined, to: undefined };
  const [balance, consumed, users, caps] = await Promise.all([
    readBalance(deps, appId),
    sumUsage(deps.sql, query),
    user === undefined ? [] : sumUsageByUser(deps.sql, query, 1),
    readCaps(deps, { appId, itemsMax: LIMITS.usageRowsMax }),
  ]);
  const userId = users[0]?.userId ?? user;
  const available = balance?.availableMicros ?? 0n;
  const owners = new Set([`app ${appId}`, `user ${userId}`]);
  const left = caps
    .filter((cap) => cap.metric === 'charge_micros' && owners.has(`${cap.scope} ${cap.scopeId}`))
    .flatMap((cap) => (cap.limit === undefined ? [] : [cap.limit - cap.used - cap.held]));
  const isActive = await areActive(deps.sql, appId, userId);
  const spendable = floorAtZero(left.reduce(lesser, available));
  const consumedMicros = BigInt(consumed.chargeMicros);
  const granted = user === undefined ? (balance?.grantedMicros ?? 0n) : consumedMicros + spendable;
  return {
    externalUserId: users[0]?.externalUserId ?? user ?? null,
    balanceUsdMicros: spendable.toString(),
    remainingUsdMicros: spendable.toString(),
    consumedUsdMicros: consumedMicros.toString(),
    lifetimeGrantedUsdMicros: granted.toString(),
    hasAccess: spendable > 0n && balance?.isSuspended === false && isActive,
    app: {
      balanceUsdMicros: (balance?.postedMicros ?? 0n).toString(),
      heldUsdMicros: (balance?.heldMicros ?? 0n).toString(),
      availableUsdMicros: available.toString(),
    },
  };
}

/** Auth's word on the app and, when billing has seen them, the user. */
async function areActive(sql: Database, appId: string, userId: string | undefined) {
  const rows = await sql`
    select from identity.principal_status
    where status <> 'active' and ((kind = 'app' and id = ${appId})
      or (kind = 'user' and id = ${userId ?? ''}))`;
  return rows.length === 0;
}

function floorAtZero(value: bigint): bigint {
  return value < 0n ? 0n : value;
}
