import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Context, Middleware } from 'koa';
import { LIMITS } from '../limits.ts';
import type { Issuer } from '../oidc/issuer.ts';
import { type StaticBody, sendStatic, staticBody } from './static-body.ts';

const cacheControl = `public, max-age=${LIMITS.metadataMaxAgeSec}, stale-while-revalidate=${LIMITS.metadataStaleSec}`;

/** The two documents that every verifier reads, from bodies made once for each set of keys. */
export type IssuerMetadata = {
  readonly keySet: Middleware;
  readonly discovery: Middleware;
  /**
   * Answers a request for a document that is made already, before any other code sees the request:
   * verifiers ask for nothing as often.
   *
   * @returns whether it was answered.
   */
  readonly answer: (request: IncomingMessage, response: ServerResponse) => boolean;
};

export type MetadataOptions = {
  readonly issuer: Issuer;
  readonly issuerPath: string;
  /** The host name by which discovery is answered; the key set has no URL in it and needs none. */
  readonly host: string;
  /** The provider under its path: it makes the discovery document itself. */
  readonly mounted: Middleware;
};

/**
 * Serves the key set, under any host name, and the discovery document at its four well-known
 * places (OpenID Connect Discovery 4, RFC 8414 3.1).
 */
export function serveMetadata(options: MetadataOptions): IssuerMetadata {
  const { issuer, issuerPath, host, mounted } = options;
  const jwksPath = `${issuerPath}/jwks`;
  const canonical = `${issuerPath}/.well-known/openid-configuration`;
  const places = new Set([
    canonical,
    `${issuerPath}/.well-known/oauth-authorization-server`,
    `/.well-known/oauth-authorization-server${issuerPath}`,
    '/.well-known/openid-configuration',
  ]);
  let made: { version: number; body: StaticBody } | undefined;
  const discoveryBody = () => (made?.version === issuer.version() ? made.body : undefined);
  const bodyOf = (request: IncomingMessage): StaticBody | undefined => {
    if (request.url === jwksPath) return issuer.jwks();
    if (request.headers.host !== host || !places.has(request.url ?? '')) return undefined;
    return discoveryBody();
  };
  const discover = async (ctx: Context): Promise<void> => {
    const { req, res } = ctx;
    if (!discoveryBody()) {
      const { method } = ctx;
      ctx.method = 'GET';
      ctx.url = canonical;
      (req as { originalUrl?: string }).originalUrl = canonical;
      const version = issuer.version();
      await mounted(ctx, async () => undefined);
      made = { version, body: staticBody(ctx.body) };
      ctx.method = method;
    }
    ctx.respond = false;
    sendStatic(req, res, { body: made?.body ?? staticBody({}), cacheControl });
  };
  return {
    keySet: (ctx, next) => {
      if (ctx.path !== jwksPath || !isRead(ctx.method)) return next();
      ctx.respond = false;
      sendStatic(ctx.req, ctx.res, { body: issuer.jwks(), cacheControl });
      return undefined;
    },
    discovery: (ctx, next) =>
      places.has(ctx.path) && isRead(ctx.method) ? discover(ctx as Context) : next(),
    answer: (request, response) => {
      if (!isRead(request.method ?? '')) return false;
      const body = bodyOf(request);
      if (body) sendStatic(request, response, { body, cacheControl });
      return body !== undefined;
    },
  };
}

function isRead(method: string): boolean {
  return method === 'GET' || method === 'HEAD';
}
