import { createHash, timingSafeEqual } from 'node:crypto';
import { guard, ServiceError } from '@clearinghouse/shared';
import type { Context, Middleware } from 'koa';
import { z } from 'zod';
import type { AuthorizeRequestDeps } from '../forward-auth/authorize-request.ts';
import { LIMITS } from '../limits.ts';
import { answerRemoteSigner } from '../webhook/answer-remote-signer.ts';

const body = z.looseObject({ headers: z.record(z.string(), z.array(z.string())).default({}) });

/**
 * POST /webhooks/remote-signer: the identity webhook of go-livepeer's own signer. Its caller proves
 * itself with the secret by `Authorization: Bearer`, `X-Api-Key` or `X-Webhook-Secret`; without a
 * configured secret there is no such route.
 */
export function remoteSignerWebhookRoute(
  deps: AuthorizeRequestDeps,
  secret: string | undefined,
): Middleware {
  return guard({ body, bodyBytesMax: LIMITS.webhookBytesMax }, async (ctx, { body: input }) => {
    if (secret === undefined) throw new ServiceError('not_found');
    if (!isCaller(ctx, secret)) throw new ServiceError('invalid_token');
    const of = (name: string) => headerOf(input.headers, name);
    const caller = { authorization: of('authorization'), origin: of('origin') };
    ctx.body = await answerRemoteSigner(deps, caller);
  });
}

function headerOf(headers: Readonly<Record<string, readonly string[]>>, name: string): string {
  const found = Object.entries(headers).find(([key]) => key.toLowerCase() === name);
  return found?.[1][0]?.trim() ?? '';
}

function isCaller(ctx: Context, secret: string): boolean {
  const bearer = /^bearer +(\S+)$/i.exec(ctx.get('authorization'))?.[1];
  const given = bearer ?? (ctx.get('x-api-key') || ctx.get('x-webhook-secret'));
  return timingSafeEqual(digest(given), digest(secret));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
