import { DEFAULT_QUEUE_PREFIX, QUEUES, type ServiceName } from '@clearinghouse/shared';

/**
 * What BullMQ uses: data commands and its Lua scripts, INFO for the version and the policy.
 * Nothing that administers the server, and no FLUSHALL.
 */
const COMMANDS =
  '+@read +@write +@blocking +@scripting +@connection +@transaction +info -@dangerous +info';

/** Keys besides the queues': auth counts requests. */
const OWN_PATTERNS: Partial<Record<ServiceName, readonly string[]>> = { auth: ['rate:auth:*'] };

/** One ACL user per service, with only the keys of the queues that it uses, and its own. */
export function redisAcl(passwords: Readonly<Record<ServiceName, string>>): string {
  const users = (Object.keys(passwords) as ServiceName[]).map((service) => {
    const patterns = [...keyPatterns(service), ...(OWN_PATTERNS[service] ?? [])];
    const keys = patterns.map((pattern) => `~${pattern}`);
    return `user ${service} on >${passwords[service]} resetchannels ${keys.join(' ')} ${COMMANDS}`;
  });
  // Only PING, for the health check: it can read and write nothing.
  const health = 'user health on >health resetkeys resetchannels -@all +ping';
  return `${['user default off', health, ...users].join('\n')}\n`;
}

/** Keys of the queues that a service writes to or works on, and of the replies it gives or takes. */
export function keyPatterns(service: ServiceName): string[] {
  const patterns = new Set<string>();
  for (const [name, queue] of Object.entries(QUEUES)) {
    const asks = (queue.from as readonly string[]).includes(service);
    if (!asks && queue.to !== service) continue;
    patterns.add(`${DEFAULT_QUEUE_PREFIX}:${name}:*`);
    if (queue.kind !== 'ask') continue;
    for (const asker of asks ? [service] : queue.from) {
      patterns.add(`${DEFAULT_QUEUE_PREFIX}:reply-${asker}-*`);
    }
  }
  return [...patterns].sort();
}
