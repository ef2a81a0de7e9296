import { publicError, ServiceError } from '@clearinghouse/shared';
import type { Context, Middleware } from 'koa';
import { appExists } from '../apps/app-exists.ts';
import {
  type AuthenticateDeps,
  authenticateClientCaller,
  authenticateUserCaller,
  type CallerOutcome,
  type RouteCaller,
} from '../clients/authenticate-caller.ts';
import { ADMIN_SCOPE, MACHINE_SCOPES } from '../clients/client.ts';
import { may, scopesOfRole } from '../teams/role.ts';
import { roleOnApp } from '../teams/role-on-app.ts';

/** What holders of an API key are told, whatever is wrong with it. */
export const API_KEY_REFUSED = { error: 'Unauthorized', message: 'Invalid API key' } as const;

/** The caller that the middleware before this handler has found. */
export function callerOf(ctx: Context): RouteCaller {
  return ctx.state.caller as RouteCaller;
}

/**
 * Admits the app's own clients with a scope, members of its team by their role, and the operator. Another app's id is as unknown as
 * one that does not exist: 404.
 *
 * @param scope none: any client of the app.
 */
export function requireApp(deps: AuthenticateDeps, scope: string | undefined): Middleware {
  return async (ctx, next) => {
    const caller = admit(ctx as Context, await authenticateClientCaller(deps, requestOf(ctx)));
    if (!caller) return;
    const appId = String(ctx.params.appId);
    const isAdmin = caller.scopes.includes(ADMIN_SCOPE);
    const isOwn = caller.appId === appId;
    const role = caller.isPerson
      ? await roleOnApp(deps, { appId, accountId: caller.id })
      : undefined;
    const isKnown = isOwn || role !== undefined || (isAdmin && (await appExists(deps, appId)));
    if (!isKnown) throw new ServiceError('not_found');
    const scopes = role === undefined ? caller.scopes : scopesOfRole(role);
    const mayAct = isAdmin || scope === undefined || scopes.includes(scope);
    if (!mayAct) throw new ServiceError('insufficient_scope');
    // Who may make an app of the team gets its machine's secret: that one has every scope.
    const ownsApps = role !== undefined && may(role, 'apps');
    ctx.state.mayGive = isAdmin || ownsApps ? MACHINE_SCOPES : scopes;
    await next();
  };
}

/** The scopes that the caller may give a machine client of the app that the request is about. */
export function scopesToGive(ctx: Context): readonly string[] {
  return (ctx.state.mayGive as readonly string[] | undefined) ?? [];
}

/** Admits the operator. */
export function requireAdmin(deps: AuthenticateDeps): Middleware {
  return async (ctx, next) => {
    const caller = admit(ctx as Context, await authenticateClientCaller(deps, requestOf(ctx)));
    if (!caller) return;
    if (!caller.scopes.includes(ADMIN_SCOPE)) throw new ServiceError('insufficient_scope');
    ctx.state.mayGive = MACHINE_SCOPES;
    await next();
  };
}

/** Admits a person with a token of scope `manage`. */
export function requirePerson(deps: AuthenticateDeps): Middleware {
  return async (ctx, next) => {
    const caller = admit(ctx as Context, await authenticateClientCaller(deps, requestOf(ctx)));
    if (!caller) return;
    if (!caller.isPerson) throw new ServiceError('insufficient_scope');
    await next();
  };
}

/** Admits a user with the user's own token. */
export function requireUser(deps: AuthenticateDeps): Middleware {
  return async (ctx, next) => {
    if (admit(ctx as Context, await authenticateUserCaller(deps, requestOf(ctx)))) await next();
  };
}

function requestOf(ctx: { get: (name: string) => string }) {
  return { header: ctx.get('authorization'), fromBrowser: ctx.get('origin') !== '' };
}

function admit(ctx: Context, outcome: CallerOutcome): RouteCaller | undefined {
  if (outcome.ok) {
    ctx.state.caller = outcome.value;
    return outcome.value;
  }
  if (outcome.code !== 'api_key') {
    throw new ServiceError(outcome.code, outcome.detail ? { detail: outcome.detail } : {});
  }
  ctx.status = publicError('invalid_token').status;
  ctx.body = API_KEY_REFUSED;
  return undefined;
}
