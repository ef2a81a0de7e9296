import { guard, ServiceError } from '@clearinghouse/shared';
import type { Middleware } from 'koa';
import { z } from 'zod';
import { changeClient, revokeClient } from '../clients/change-client.ts';
import { clientMetadataSchema } from '../clients/client-metadata-body.ts';
import { createWebClient } from '../clients/create-web-client.ts';
import { listClients } from '../clients/list-clients.ts';
import type { ChangeIdentityDeps } from '../identity/change-identity.ts';
import { makeOnce } from './make-once.ts';
import { callerOf } from './require-caller.ts';

const appParams = z.object({ appId: z.string() });
const clientParams = appParams.extend({ clientId: z.string().max(64) });
const name = z.string().trim().min(1).max(200);
const metadataPatch = z.record(z.string().max(64), z.unknown());

/** GET …/clients */
export function listClientsRoute(deps: ChangeIdentityDeps): Middleware {
  return guard({ params: appParams }, async (ctx, { params }) => {
    const clients = await listClients(deps, params);
    ctx.body = {
      clients: clients.map((client) => ({ ...client, createdAt: client.createdAt.toISOString() })),
    };
  });
}

/** POST …/clients: a confidential client for a server; the secret is in this answer only. */
export function createClientRoute(deps: ChangeIdentityDeps): Middleware {
  const body = z.object({ name, metadata: clientMetadataSchema.default({}) });
  return guard({ params: appParams, body }, async (ctx, { params, body: input, rawBody }) => {
    const { requestId } = ctx.state;
    const who = { actor: callerOf(ctx).id, requestId };
    const outcome = await makeOnce(deps, ctx, {
      what: `client of ${params.appId}`,
      rawBody,
      work: (within) => createWebClient(within, { ...params, ...input, ...who }),
    });
    if (!outcome.ok) throw new ServiceError(outcome.code);
    ctx.status = 201;
    ctx.body = outcome.value;
  });
}

/** PATCH …/clients/:clientId */
export function changeClientRoute(deps: ChangeIdentityDeps): Middleware {
  const body = z.object({ name: name.optional(), metadata: metadataPatch.default({}) });
  return guard({ params: clientParams, body }, async (ctx, { params, body: input }) => {
    const { requestId } = ctx.state;
    const who = { actor: callerOf(ctx).id, requestId };
    const outcome = await changeClient(deps, { ...params, ...input, ...who });
    if (!outcome.ok) {
      const said = outcome.detail ? { publicMessage: `metadata: ${outcome.detail}` } : {};
      throw new ServiceError(outcome.code, said);
    }
    ctx.body = { clientId: params.clientId, metadata: outcome.value };
  });
}

/** DELETE …/clients/:clientId */
export function revokeClientRoute(deps: ChangeIdentityDeps): Middleware {
  return guard({ params: clientParams }, async (ctx, { params }) => {
    const { requestId } = ctx.state;
    const outcome = await revokeClient(deps, { ...params, actor: callerOf(ctx).id, requestId });
    if (!outcome.ok) throw new ServiceError(outcome.code);
    ctx.body = { success: true };
  });
}
