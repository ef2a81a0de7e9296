import { publicError } from '@clearinghouse/shared';
import type { Context, Middleware } from 'koa';
import {
  type AuthorizeRequestDeps,
  authorizeRequest,
  type ForwardedRequest,
  type Identity,
} from '../forward-auth/authorize-request.ts';
import { ipOf, writeRateHeaders } from './rate-limit.ts';
import { API_KEY_REFUSED } from './require-caller.ts';

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);
const RESOURCE = /^[A-Za-z0-9._:-]{1,128}$/;
const APP_ID = /^app_[0-9a-f]{24}$/;

/**
 * `/api/v1/forward-auth`, for nginx's `auth_request`, Traefik's `forwardAuth` and Caddy's
 * `forward_auth`: 200 with who asks in `X-Auth-*` headers, 401 with the body that key holders know,
 * 403, or 429 with `Retry-After`.
 *
 * The proxy sends the request's own headers; `?resource=` names the asset or stream that it is
 * about, `?session=1` says that it starts a session (which a publishable key may), `?app=` whose
 * callers may come without a credential where the app allows that.
 */
export function forwardAuthRoute(deps: AuthorizeRequestDeps): Middleware {
  return async (ctx) => {
    const methods = forwardedMethods(ctx as Context);
    const isOptions = methods.every((method) => method === 'OPTIONS');
    // A preflight carries no credential; the answer to it says nothing about any.
    if (isOptions && ctx.get('access-control-request-method') !== '') {
      ctx.status = 200;
      ctx.body = '';
      return;
    }
    const outcome = await authorizeRequest(deps, readRequest(ctx as Context, methods));
    if (outcome.ok) return grant(ctx as Context, outcome.value);
    if (outcome.code === 'rate_limited') {
      writeRateHeaders(ctx as Context, outcome.rate);
      return refuse(ctx as Context, 'rate_limited');
    }
    if (outcome.code !== 'invalid_token') return refuse(ctx as Context, outcome.code);
    ctx.status = 401;
    ctx.body = API_KEY_REFUSED;
  };
}

function readRequest(ctx: Context, methods: readonly string[]): ForwardedRequest {
  const { resource, session, app } = ctx.query;
  return {
    authorization: ctx.get('authorization').trim(),
    origin: ctx.get('origin') || undefined,
    ip: ctx.ip,
    countedAs: ipOf(ctx),
    resource: typeof resource === 'string' && RESOURCE.test(resource) ? resource : undefined,
    isWrite: !methods.every((method) => SAFE_METHODS.has(method)) && session !== '1',
    anonymousAppId: typeof app === 'string' && APP_ID.test(app) ? app : undefined,
  };
}

/**
 * nginx tells the method in X-Original-Method, Traefik and Caddy in X-Forwarded-Method. Neither
 * takes away the other's header, which is then the caller's own: nothing is read out of the one
 * that the other does not say too.
 */
function forwardedMethods(ctx: Context): readonly string[] {
  const told = ['x-forwarded-method', 'x-original-method'].map((name) => ctx.get(name));
  const given = told.filter((method) => method !== '');
  return (given.length === 0 ? [ctx.method] : given).map((method) => method.toUpperCase());
}

function grant(ctx: Context, identity: Identity): void {
  ctx.status = 200;
  ctx.body = '';
  ctx.set('X-Auth-App', identity.appId);
  ctx.set('X-Auth-Subject', identity.subject);
  ctx.set('X-Auth-Kind', identity.kind);
  ctx.set('X-Auth-Scopes', identity.scopes.join(' '));
  if (identity.externalUserId) ctx.set('X-Auth-User', encodeURIComponent(identity.externalUserId));
  if (identity.keyId) ctx.set('X-Auth-Key', identity.keyId);
  if (identity.kind !== 'publishable') return;
  ctx.set('Access-Control-Allow-Origin', ctx.get('origin'));
  ctx.vary('Origin');
}

function refuse(ctx: Context, code: Parameters<typeof publicError>[0]): void {
  const { status, message } = publicError(code);
  ctx.status = status;
  ctx.body = { error: code, message };
}
