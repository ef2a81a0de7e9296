import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Balance, FetchBalance } from '../exchange/caller.ts';
import { LIMITS } from '../limits.ts';
import { type ForwardDeps, forwardRequest } from './forward-request.ts';

const money = z.string().regex(/^-?[0-9]{1,38}$/);
const balanceSchema = z.object({ balanceUsdMicros: money, lifetimeGrantedUsdMicros: money });
const BODY_CHARS_MAX = 16_384;

/** Makes the function that asks billing for a user's balance; undefined when it cannot be had. */
export function createBalanceFetcher(deps: ForwardDeps): FetchBalance {
  return async ({ appId, externalUserId, clientId }) => {
    const query = new URLSearchParams({ externalUserId });
    const asked = readBalance(deps, {
      app: appId,
      subject: clientId,
      scopes: ['usage:read'],
      method: 'GET',
      path: `/api/v1/apps/${appId}/usage/balance?${query}`,
      body: Buffer.alloc(0),
      requestId: randomBytes(8).toString('hex'),
      headers: { accept: 'application/json' },
    });
    return Promise.race([asked, giveUp()]);
  };
}

async function readBalance(
  deps: ForwardDeps,
  input: Parameters<typeof forwardRequest>[1],
): Promise<Balance | undefined> {
  const outcome = await forwardRequest(deps, input);
  if (!outcome.ok || !outcome.value.body) return undefined;
  const { status, body } = outcome.value;
  if (status !== 200) {
    body.destroy();
    return undefined;
  }
  try {
    let text = '';
    for await (const chunk of body) {
      text += String(chunk);
      if (text.length > BODY_CHARS_MAX) return undefined;
    }
    return balanceSchema.parse(JSON.parse(text));
  } catch (err) {
    deps.log.warn({ err }, 'billing gave no readable balance');
    return undefined;
  }
}

function giveUp(): Promise<undefined> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(undefined), LIMITS.balanceTimeoutMs).unref();
  });
}
