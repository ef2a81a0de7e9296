import type { Context } from 'koa';

/** `GET /status`, as clients of a signer probe it: whose signatures it gives. */
export function getStatus(ctx: Context, address: string): void {
  ctx.body = { Address: address };
}
