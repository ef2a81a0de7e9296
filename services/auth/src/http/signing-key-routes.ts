import { guard, ServiceError } from '@clearinghouse/shared';
import type { Middleware } from 'koa';
import { z } from 'zod';
import { listSigningKeys } from '../signing-keys/list-signing-keys.ts';
import { type RotateKeysDeps, rotateSigningKeys } from '../signing-keys/rotate-signing-keys.ts';
import { callerOf } from './require-caller.ts';

/** GET /admin/signing-keys */
export function listSigningKeysRoute(deps: RotateKeysDeps): Middleware {
  return async (ctx) => {
    ctx.body = { keys: await listSigningKeys(deps) };
  };
}

/** POST /admin/signing-keys/rotate: replicas follow within a second. */
export function rotateSigningKeyRoute(deps: RotateKeysDeps): Middleware {
  const body = z.object({
    alg: z.enum(['ES256', 'RS256']),
    isCompromised: z.boolean().default(false),
  });
  return guard({ body }, async (ctx, { body: input }) => {
    const outcome = await rotateSigningKeys(deps, { ...input, actor: callerOf(ctx).id });
    if (!outcome.ok) throw new ServiceError(outcome.code, { publicMessage: outcome.detail ?? '' });
    ctx.body = { rotated: input.alg };
  });
}
