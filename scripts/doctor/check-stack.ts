import { getSenderInfo } from '@clearinghouse/devnet';
import type { DevJson } from '@clearinghouse/stack';
import { Redis } from 'ioredis';

/** One finding: what was looked at, how it is, and what to do when it is not well. */
export type Finding = {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly remedy: string;
};

type Check = {
  readonly name: string;
  readonly remedy: string;
  readonly look: () => Promise<string>;
};

const TIMEOUT_MS = 5_000;
const SKEW_MAX_MS = 5_000;

/** Looks at every part of a stack; a part that cannot be asked is a finding, never a throw. */
export async function checkStack(
  dev: Omit<DevJson, 'app' | 'admin' | 'apiKey' | 'users' | 'adminToken'>,
  redisUrl: string | undefined,
): Promise<Finding[]> {
  const checks = [...serviceChecks(dev), ...chainChecks(dev)];
  if (redisUrl !== undefined) checks.push(queuePolicy(redisUrl));
  const findings: Finding[] = [];
  for (const { name, remedy, look } of checks) {
    const found = await look().then(
      (detail) => ({ ok: true, detail }),
      (error: unknown) => ({
        ok: false,
        detail: error instanceof Error ? error.message : 'failed',
      }),
    );
    findings.push({ name, remedy, ...found });
  }
  return findings;
}

function serviceChecks(
  dev: Pick<DevJson, 'issuer' | 'origin' | 'billingUrl' | 'signerUrl'>,
): Check[] {
  const ready = (name: string, url: string): Check => ({
    name: `${name} is ready`,
    remedy: `look at ${name}'s log; ${url}/readyz says what it lacks`,
    look: async () => (await get(`${url}/readyz`)).text(),
  });
  return [
    ready('auth', dev.origin),
    ready('billing', dev.billingUrl),
    ready('signer', dev.signerUrl),
    {
      name: 'issuer',
      remedy: 'ORIGIN of auth must be the address that clients use',
      look: async () => {
        const found = await get(`${dev.issuer}/.well-known/openid-configuration`);
        const { issuer } = (await found.json()) as { issuer: string };
        if (issuer !== dev.issuer) throw new Error(`discovery says ${issuer}`);
        return issuer;
      },
    },
    {
      name: 'signing keys',
      remedy: 'KEY_ENCRYPTION_KEY must be the one that the keys were made with',
      look: async () => {
        const { keys } = (await (await get(`${dev.issuer}/jwks`)).json()) as {
          keys: { alg?: string }[];
        };
        const algorithms = keys.map((key) => key.alg).join(', ');
        if (!algorithms.includes('ES256')) throw new Error(`no ES256 key: ${algorithms}`);
        return algorithms;
      },
    },
    {
      name: 'clock',
      remedy: 'set the clock by NTP on every machine',
      look: async () => {
        const answered = await get(`${dev.origin}/healthz`);
        const skewMs = Date.parse(answered.headers.get('date') ?? '') - Date.now();
        if (!(Math.abs(skewMs) < SKEW_MAX_MS)) throw new Error(`differs by ${skewMs} ms`);
        return 'agrees';
      },
    },
  ];
}

function chainChecks(dev: Pick<DevJson, 'rpcUrl' | 'contracts' | 'signerAddress'>): Check[] {
  return [
    {
      name: 'chain',
      remedy: 'ETH_RPC_URL must answer',
      look: async () => {
        const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_chainId', params: [] });
        const headers = { 'Content-Type': 'application/json' };
        const answer = await get(dev.rpcUrl, { method: 'POST', body, headers });
        const { result } = (await answer.json()) as { result: string };
        return `id ${BigInt(result)}`;
      },
    },
    {
      name: 'funds',
      remedy: "fund the signer's deposit and reserve on the TicketBroker",
      look: async () => {
        const ticketBroker = dev.contracts.ticketBroker;
        if (ticketBroker === undefined) return 'not looked at: no TicketBroker address is known';
        const input = { rpcUrl: dev.rpcUrl, ticketBroker, senderAddress: dev.signerAddress };
        const { depositWei, reserveWei } = await getSenderInfo(input);
        if (depositWei === 0n || reserveWei === 0n) {
          throw new Error(`deposit ${depositWei} wei, reserve ${reserveWei} wei`);
        }
        return `deposit ${depositWei} wei, reserve ${reserveWei} wei`;
      },
    },
  ];
}

function queuePolicy(redisUrl: string): Check {
  return {
    name: 'queue policy',
    remedy: 'start Redis with --maxmemory-policy noeviction',
    look: async () => {
      const redis = new Redis(redisUrl, { maxRetriesPerRequest: 1, lazyConnect: true });
      redis.on('error', () => undefined);
      try {
        const info = await redis.info('memory');
        const policy = /maxmemory_policy:(\S+)/.exec(info)?.[1] ?? 'unknown';
        if (policy !== 'noeviction') throw new Error(policy);
        return policy;
      } finally {
        redis.disconnect();
      }
    },
  };
}

async function get(url: string, init: RequestInit = {}): Promise<Response> {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return response;
}
