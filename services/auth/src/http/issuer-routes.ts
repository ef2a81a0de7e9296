import { guard, ServiceError } from '@clearinghouse/shared';
import type { Middleware } from 'koa';
import { z } from 'zod';
import { appExists } from '../apps/app-exists.ts';
import {
  addExternalIssuer,
  listExternalIssuers,
  removeExternalIssuer,
} from '../exchange/change-external-issuers.ts';
import { type ExternalIssuer, externalIssuerSchema } from '../exchange/external-issuer.ts';
import type { ChangeIdentityDeps } from '../identity/change-identity.ts';
import { LIMITS } from '../limits.ts';
import { makeOnce } from './make-once.ts';
import { nextOf, pageQuery } from './page-query.ts';
import { callerOf } from './require-caller.ts';

type IssuerRouteDeps = ChangeIdentityDeps;

const appParams = z.object({ appId: z.string().max(64) });

function toApiIssuer({ appId: clientId, createdAt, ...rest }: ExternalIssuer) {
  return { ...rest, clientId, createdAt: createdAt.toISOString() };
}

/** GET …/external-issuers */
export function listIssuersRoute(deps: IssuerRouteDeps): Middleware {
  const query = pageQuery(LIMITS.issuersPageMax, /^ext_[0-9a-f]{24}$/);
  return guard({ params: appParams, query }, async (ctx, { params, query: page }) => {
    if (!(await appExists(deps, params.appId))) throw new ServiceError('not_found');
    const issuers = await listExternalIssuers(deps, { ...params, ...page });
    ctx.body = { externalIssuers: issuers.map(toApiIssuer), next: nextOf(issuers, page.limit) };
  });
}

/** POST …/external-issuers: only the operator says so, since their keys speak for users. */
export function addIssuerRoute(deps: IssuerRouteDeps): Middleware {
  const shape = { params: appParams, body: externalIssuerSchema };
  return guard(shape, async (ctx, { params, body, rawBody }) => {
    if (!(await appExists(deps, params.appId))) throw new ServiceError('not_found');
    const { requestId } = ctx.state;
    const input = { ...body, ...params, actor: callerOf(ctx).id, requestId };
    const outcome = await makeOnce(deps, ctx, {
      what: `issuer of ${params.appId}`,
      rawBody,
      work: (within) => addExternalIssuer(within, input),
    });
    if (!outcome.ok) throw new ServiceError(outcome.code);
    ctx.status = 201;
    ctx.body = toApiIssuer(outcome.value);
  });
}

/** DELETE …/external-issuers/:issuerId */
export function removeIssuerRoute(deps: IssuerRouteDeps): Middleware {
  const params = appParams.extend({ issuerId: z.string().max(64) });
  return guard({ params }, async (ctx, { params }) => {
    const { appId, issuerId: id } = params;
    const input = { appId, id, actor: callerOf(ctx).id, requestId: ctx.state.requestId };
    const outcome = await removeExternalIssuer(deps, input);
    if (!outcome.ok) throw new ServiceError(outcome.code);
    ctx.body = { success: true };
  });
}
