import type { Middleware } from 'koa';
import { buildDocument } from '../openapi/build-document.ts';
import type { Described } from '../openapi/operation.ts';
import type { PageKit } from '../pages/page.ts';
import { referencePage } from '../pages/reference-page.ts';
import { sendPage } from '../pages/send-page.ts';
import { API_PATH } from '../paths.ts';
import { sendStatic, staticBody } from './static-body.ts';

export const DOCUMENT_PATH = `${API_PATH}/openapi.json`;
export const REFERENCE_PATH = '/docs/api';
const CACHE_CONTROL = 'public, max-age=300';
const VERSION = '1';

/** The document and the page that shows it, both written once, at start. */
export function serveDocument(
  operations: readonly Described[],
  deps: { readonly issuer: string; readonly pageKit: PageKit },
): Middleware {
  const { issuer, pageKit: kit } = deps;
  const document = buildDocument(operations, { origin: kit.origin, issuer, version: VERSION });
  const body = staticBody(document);
  const page = referencePage(operations, { issuer, documentPath: DOCUMENT_PATH });
  return async (ctx, next) => {
    const isRead = ctx.method === 'GET' || ctx.method === 'HEAD';
    if (!isRead || (ctx.path !== DOCUMENT_PATH && ctx.path !== REFERENCE_PATH)) return next();
    if (ctx.path === REFERENCE_PATH) return sendPage(ctx, kit, page);
    ctx.set('X-Content-Type-Options', 'nosniff');
    ctx.respond = false;
    sendStatic(ctx.req, ctx.res, { body, cacheControl: CACHE_CONTROL });
    return undefined;
  };
}
