import { ServiceError } from '@clearinghouse/shared';
import type { Middleware } from 'koa';

/** Paths under the issuer that other services may reach by an internal host name. */
const INTERNAL_ISSUER_PATHS = [
  '/token',
  '/token/introspection',
  '/token/revocation',
  '/jwks',
  '/.well-known/',
];

/**
 * Serves one host name: that of the issuer. Names of `internalOrigins` are let in for token,
 * introspection, discovery and API routes. Whatever name was used, the request goes on as one
 * to the issuer's origin, so that no URL we emit can be steered by a header.
 */
export function hostPin(options: {
  origin: string;
  issuerPath: string;
  internalOrigins: readonly string[];
  trustedHops: number;
}): Middleware {
  const { host, protocol } = new URL(options.origin);
  const internalHosts = new Set(options.internalOrigins.map((origin) => new URL(origin).host));
  return (ctx, next) => {
    const { headers } = ctx.req;
    // An absolute request target would take the place of Host (RFC 9112, section 3.2.2).
    if (!ctx.req.url?.startsWith('/')) throw new ServiceError('misdirected_host');
    const asked = headers.host?.toLowerCase() ?? '';
    const isInternal = internalHosts.has(asked) && isInternalPath(ctx.path, options.issuerPath);
    if (asked !== host && !isInternal) throw new ServiceError('misdirected_host');
    headers.host = host;
    headers['x-forwarded-proto'] = protocol.slice(0, -1);
    delete headers['x-forwarded-host'];
    delete headers.forwarded;
    if (options.trustedHops === 0) delete headers['x-forwarded-for'];
    return next();
  };
}

function isInternalPath(path: string, issuerPath: string): boolean {
  if (path.startsWith('/.well-known/')) return true;
  if (!path.startsWith(`${issuerPath}/`)) return path.startsWith('/api/');
  const rest = path.slice(issuerPath.length);
  return INTERNAL_ISSUER_PATHS.some((known) =>
    known.endsWith('/') ? rest.startsWith(known) : rest === known,
  );
}
