import type { Sql } from '@clearinghouse/shared';
import { upsertAccountSession } from './account-session-store.ts';

const USER_AGENT_CHARS_MAX = 256;
const IP_CHARS_MAX = 64;

/** Keeps where and how somebody has just signed in, for the list in the account. */
export async function noteSession(
  deps: { db: Sql },
  input: {
    uid: string;
    accountId: string;
    methods: readonly string[];
    userAgent: string;
    ip: string;
    ttlSec: number;
  },
): Promise<void> {
  const userAgent = input.userAgent.slice(0, USER_AGENT_CHARS_MAX);
  await upsertAccountSession(deps.db, { ...input, userAgent, ip: input.ip.slice(0, IP_CHARS_MAX) });
}
