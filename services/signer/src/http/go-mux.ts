import type { ServerResponse } from 'node:http';
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

/** A path, or absolute as proxies send it; anything else the framework would call our fault. */
export function isUrl(url = ''): boolean {
  return url.startsWith('/') || url === '*' || URL.canParse(url);
}

/** What is no URL, as Go's server answers it. */
export function refuseUrl(res: ServerResponse): void {
  res.writeHead(400, { 'Content-Type': 'text/plain; charset=utf-8', Connection: 'close' });
  res.end('400 Bad Request');
}

function answerText(ctx: Context, status: number, text: string): void {
  ctx.status = status;
  ctx.set('X-Content-Type-Options', 'nosniff');
  ctx.type = 'text/plain; charset=utf-8';
  ctx.body = text;
}
