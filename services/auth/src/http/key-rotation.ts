import { guard, ServiceError } from '@clearinghouse/shared';
import type { Middleware } from 'koa';
import { z } from 'zod';
import type { CreateApiKeyDeps } from '../api-keys/create-api-key.ts';
import { rotateApiKey } from '../api-keys/rotate-api-key.ts';
import { LIMITS } from '../limits.ts';
import { toApiKey } from './api-key-bodies.ts';
import { makeOnce } from './make-once.ts';
import { callerOf } from './require-caller.ts';

const params = z.object({ appId: z.string(), keyId: z.string().max(64) });
const body = z.object({
  overlapSeconds: z
    .number()
    .int()
    .min(0)
    .max(LIMITS.secretOverlapSecMax)
    .default(LIMITS.secretOverlapSecDefault),
});

/**
 * POST /apps/:appId/keys/:keyId/rotate: the successor, shown this once. With an Idempotency-Key a
 * second request is refused instead of making another; the key itself is never stored to be told
 * again.
 */
export function rotateApiKeyRoute(deps: CreateApiKeyDeps): Middleware {
  return guard({ params, body }, async (ctx, { params: at, body: input, rawBody }) => {
    const { requestId } = ctx.state;
    const asked = { ...at, overlapSec: input.overlapSeconds, actor: callerOf(ctx).id, requestId };
    const outcome = await makeOnce(deps, ctx, {
      what: `rotate ${at.keyId}`,
      rawBody,
      work: (within) => rotateApiKey(within, asked),
    });
    if (!outcome.ok) throw new ServiceError(outcome.code);
    const { successor, oldEndsAt } = outcome.value;
    ctx.status = 201;
    ctx.body = {
      ...toApiKey(successor),
      key: successor.key,
      previousEndsAt: oldEndsAt.toISOString(),
    };
  });
}
