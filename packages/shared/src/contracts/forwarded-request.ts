import { z } from 'zod';
import { idField } from './fields.ts';

/** Audience of the short token under which auth forwards a request to billing. */
export const BILLING_AUDIENCE = 'urn:clearinghouse:billing';
/** Lifetime of that token. */
export const FORWARD_TOKEN_TTL_SEC = 30;

/**
 * Claims of the forward token (ES256, `typ` JWT). Billing trusts nothing else about the
 * caller: it checks signature, audience, expiry, and that method, path with query, and the
 * body's SHA-256 are those of the request it received.
 */
export const forwardTokenSchema = z.object({
  iss: z.string(),
  aud: z.literal(BILLING_AUDIENCE),
  /** The app that the caller acts for; absent for the operator's own (scope `admin`). */
  app: idField.optional(),
  subject: idField,
  scopes: z.array(z.string()),
  method: z.string(),
  path: z.string(),
  body_sha256: z.string().regex(/^[0-9a-f]{64}$/),
  request_id: idField,
  iat: z.number().int(),
  exp: z.number().int(),
});

export type ForwardTokenClaims = z.infer<typeof forwardTokenSchema>;

/** A public route of billing that auth forwards; nothing outside this table is forwarded. */
export type ForwardedRoute = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** koa-router path. `:appId` must be the caller's own app unless the scope is `admin`. */
  readonly path: string;
  readonly scope: 'usage:read' | 'user' | 'admin';
};

/** The closed table of forwarded routes. `user` means: a user's own token, for its own data. */
export const FORWARDED_ROUTES: readonly ForwardedRoute[] = [
  { method: 'GET', path: '/api/v1/apps/:appId/usage', scope: 'usage:read' },
  { method: 'GET', path: '/api/v1/apps/:appId/usage/balance', scope: 'usage:read' },
  { method: 'GET', path: '/api/v1/user/usage', scope: 'user' },
  { method: 'GET', path: '/api/v1/user/usage/balance', scope: 'user' },
  { method: 'POST', path: '/api/v1/admin/apps/:appId/credits', scope: 'admin' },
  { method: 'GET', path: '/api/v1/admin/apps/:appId/balance', scope: 'admin' },
  { method: 'PUT', path: '/api/v1/admin/apps/:appId/caps', scope: 'admin' },
  { method: 'GET', path: '/api/v1/admin/apps/:appId/caps', scope: 'admin' },
  { method: 'GET', path: '/api/v1/admin/apps/:appId/ledger', scope: 'admin' },
  { method: 'GET', path: '/api/v1/admin/chain', scope: 'admin' },
  { method: 'POST', path: '/api/v1/admin/chain/alarms/clear', scope: 'admin' },
];
