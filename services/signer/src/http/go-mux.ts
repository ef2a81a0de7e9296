import type { Context } from 'koa';

/** A known path asked with another method, as Go's mux answers it. */
export function methodNotAllowed(ctx: Context, allowed: string): void {
  ctx.set('Allow', allowed);
  answerText(ctx, 405, 'Method Not Allowed\n');
}

/** An unknown path, as Go's mux answers it. */
export function pageNotFound(ctx: Context): void {
  answerText(ctx, 404, '404 page not found\n');
}

function answerText(ctx: Context, status: number, text: string): void {
  ctx.status = status;
  ctx.set('X-Content-Type-Options', 'nosniff');
  ctx.type = 'text/plain; charset=utf-8';
  ctx.body = text;
}
