import type { Middleware } from 'koa';
import { ASSETS_PATH, type AssetFiles } from '../pages/asset-files.ts';

const MONTH_SEC = 30 * 86_400;

/** The static files of the pages. A name holds the hash of its content: it may be kept for long. */
export function serveAssets(files: AssetFiles): Middleware {
  return (ctx, next) => {
    if (!ctx.path.startsWith(ASSETS_PATH)) return next();
    const file = files.byPath.get(ctx.path);
    if (!file || (ctx.method !== 'GET' && ctx.method !== 'HEAD')) return undefined;
    ctx.set('Cache-Control', `public, max-age=${MONTH_SEC}, immutable`);
    ctx.set('X-Content-Type-Options', 'nosniff');
    ctx.set('Cross-Origin-Resource-Policy', 'same-origin');
    ctx.type = file.type;
    ctx.body = file.bytes;
    return undefined;
  };
}
