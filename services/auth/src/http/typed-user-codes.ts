import type { Middleware } from 'koa';

/**
 * Drops the user code from the address of the device page, so that it is always typed: a link
 * that brings its own code is what a phisher sends (RFC 8628, section 5.4). The page still opens
 * from a `verification_uri_complete`, such as a QR code.
 */
export function typedUserCodes(issuerPath: string): Middleware {
  const path = `${issuerPath}/device`;
  return (ctx, next) => {
    if (ctx.method === 'GET' && ctx.path === path && ctx.querystring !== '') ctx.querystring = '';
    return next();
  };
}
