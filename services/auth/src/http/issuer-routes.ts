import { guard, ServiceError, type Sql } from '@clearinghouse/shared';
import type { Middleware } from 'koa';
import { z } from 'zod';
import { appExists } from '../apps/app-exists.ts';
import {
  addExternalIssuer,
  listExternalIssuers,
  removeExternalIssuer,
} from '../exchange/change-external-issuers.ts';
import { type ExternalIssuer, externalIssuerSchema } from '../exchange/external-issuer.ts';
import { callerOf } from './require-caller.ts';

type Route = readonly ['GET' | 'POST' | 'DELETE', string, ...Middleware[]];
type IssuerRouteDeps = { readonly db: Sql };

const appParams = z.object({ appId: z.string().max(64) });

/** The issuers that an app trusts: only the operator says so, since their keys speak for users. */
export function issuerRoutes(
  deps: IssuerRouteDeps,
  admin: Middleware,
  adminApps: string,
): readonly Route[] {
  const path = `${adminApps}/:appId/external-issuers`;
  return [
    ['GET', path, admin, listRoute(deps)],
    ['POST', path, admin, addRoute(deps)],
    ['DELETE', `${path}/:issuerId`, admin, removeRoute(deps)],
  ];
}

function toApiIssuer({ appId: clientId, createdAt, ...rest }: ExternalIssuer) {
  return { ...rest, clientId, createdAt: createdAt.toISOString() };
}

function listRoute(deps: IssuerRouteDeps): Middleware {
  return guard({ params: appParams }, async (ctx, { params }) => {
    if (!(await appExists(deps, params.appId))) throw new ServiceError('not_found');
    const issuers = await listExternalIssuers(deps, params);
    ctx.body = { externalIssuers: issuers.map(toApiIssuer) };
  });
}

function addRoute(deps: IssuerRouteDeps): Middleware {
  const shape = { params: appParams, body: externalIssuerSchema };
  return guard(shape, async (ctx, { params, body }) => {
    if (!(await appExists(deps, params.appId))) throw new ServiceError('not_found');
    const { requestId } = ctx.state;
    const input = { ...body, ...params, actor: callerOf(ctx).id, requestId };
    const outcome = await addExternalIssuer(deps, input);
    if (!outcome.ok) throw new ServiceError(outcome.code);
    ctx.status = 201;
    ctx.body = toApiIssuer(outcome.value);
  });
}

function removeRoute(deps: IssuerRouteDeps): Middleware {
  const params = appParams.extend({ issuerId: z.string().max(64) });
  return guard({ params }, async (ctx, { params }) => {
    const { appId, issuerId: id } = params;
    const input = { appId, id, actor: callerOf(ctx).id, requestId: ctx.state.requestId };
    const outcome = await removeExternalIssuer(deps, input);
    if (!outcome.ok) throw new ServiceError(outcome.code);
    ctx.body = { success: true };
  });
}
