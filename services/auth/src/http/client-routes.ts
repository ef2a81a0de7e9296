import { type ErrorCode, guard, ServiceError } from '@clearinghouse/shared';
import type { Middleware } from 'koa';
import { z } from 'zod';
import { changeClient, revokeClient } from '../clients/change-client.ts';
import { APP_CLIENT_KINDS, MACHINE_SCOPES } from '../clients/client.ts';
import { clientMetadataSchema } from '../clients/client-metadata-body.ts';
import { createClient } from '../clients/create-client.ts';
import { listClients } from '../clients/list-clients.ts';
import type { ChangeIdentityDeps } from '../identity/change-identity.ts';
import { LIMITS } from '../limits.ts';
import { makeOnce } from './make-once.ts';
import { cursorOf, nextOf, pageQuery } from './page-query.ts';
import { callerOf, scopesToGive } from './require-caller.ts';

const appParams = z.object({ appId: z.string() });
const clientParams = appParams.extend({ clientId: z.string().max(64) });
const name = z.string().trim().min(1).max(200);
const scopes = z.array(z.enum(MACHINE_SCOPES)).max(MACHINE_SCOPES.length);
const metadataPatch = z.record(z.string().max(64), z.unknown());

/** GET …/clients */
export function listClientsRoute(deps: ChangeIdentityDeps): Middleware {
  const query = pageQuery(LIMITS.clientsPageMax, cursorOf('app', 'm2m', 'web'));
  return guard({ params: appParams, query }, async (ctx, { params, query: page }) => {
    const clients = await listClients(deps, { ...params, ...page });
    ctx.body = {
      clients: clients.map((client) => ({ ...client, createdAt: client.createdAt.toISOString() })),
      next: nextOf(clients, page.limit),
    };
  });
}

/** POST …/clients: a secret is in this answer only. */
export function createClientRoute(deps: ChangeIdentityDeps): Middleware {
  const body = z.object({
    name,
    kind: z.enum(APP_CLIENT_KINDS).default('web'),
    scopes: scopes.default([]),
    metadata: clientMetadataSchema.default({}),
  });
  return guard({ params: appParams, body }, async (ctx, { params, body: input, rawBody }) => {
    const { requestId } = ctx.state;
    const who = { actor: callerOf(ctx).id, requestId, mayGive: scopesToGive(ctx) };
    const outcome = await makeOnce(deps, ctx, {
      what: `client of ${params.appId}`,
      rawBody,
      work: (within) => createClient(within, { ...params, ...input, ...who }),
    });
    if (!outcome.ok) throw refusal(outcome);
    ctx.status = 201;
    ctx.body = outcome.value;
  });
}

/** PATCH …/clients/:clientId */
export function changeClientRoute(deps: ChangeIdentityDeps): Middleware {
  const body = z.object({
    name: name.optional(),
    scopes: scopes.optional(),
    metadata: metadataPatch.default({}),
  });
  return guard({ params: clientParams, body }, async (ctx, { params, body: input }) => {
    const { requestId } = ctx.state;
    const who = { actor: callerOf(ctx).id, requestId, mayGive: scopesToGive(ctx) };
    const outcome = await changeClient(deps, { ...params, ...input, ...who });
    if (!outcome.ok) throw refusal(outcome);
    ctx.body = { clientId: params.clientId, ...outcome.value };
  });
}

/** DELETE …/clients/:clientId */
export function revokeClientRoute(deps: ChangeIdentityDeps): Middleware {
  return guard({ params: clientParams }, async (ctx, { params }) => {
    const { requestId } = ctx.state;
    const who = { actor: callerOf(ctx).id, requestId, mayGive: scopesToGive(ctx) };
    const outcome = await revokeClient(deps, { ...params, ...who });
    if (!outcome.ok) throw new ServiceError(outcome.code);
    ctx.body = { success: true };
  });
}

/** What does not fit is the caller's own text, and may be told. */
function refusal(outcome: { readonly code: ErrorCode; readonly detail?: string }): ServiceError {
  const { code, detail } = outcome;
  return new ServiceError(code, detail === undefined ? {} : { publicMessage: detail });
}
