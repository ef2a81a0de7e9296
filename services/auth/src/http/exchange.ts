import { guard, ServiceError } from '@clearinghouse/shared';
import type { Context, Middleware } from 'koa';
import { z } from 'zod';
import { appExists } from '../apps/app-exists.ts';
import { authenticateClient } from '../clients/authenticate-client.ts';
import type { Caller } from '../exchange/caller.ts';
import { type ExchangeDeps, exchangeToken } from '../exchange/exchange-token.ts';
import { API_KEY_TYPE } from '../exchange/resolve-subject.ts';
import { LIMITS } from '../limits.ts';
import { TOKEN_EXCHANGE_GRANT } from '../oidc/client-metadata.ts';
import { oauthErrorBody, oauthStatus } from '../tokens/oauth-refusal.ts';
import { readForm } from './read-form.ts';
import { API_KEY_REFUSED } from './require-caller.ts';

export type ExchangeRouteDeps = ExchangeDeps & { readonly signerUrl: string };

/** POST /apps/:appId/oidc/token: exchange at the app's own address; Basic is optional. */
export function appExchangeRoute(deps: ExchangeRouteDeps): Middleware {
  return async (ctx) => {
    const context = ctx as Context;
    const appId = String(ctx.params.appId);
    if (!(await appExists(deps, appId))) throw new ServiceError('not_found');
    const form = await readForm(context, ['resource', 'audience', 'caps']);
    if (form.one('grant_type') !== TOKEN_EXCHANGE_GRANT) {
      return refuse(context, 400, 'unsupported_grant_type', 'the grant is token-exchange');
    }
    const caller = await optionalCaller(deps, context);
    if (caller === 'refused') {
      return refuse(context, 401, 'invalid_client', 'client authentication failed');
    }
    const outcome = await exchangeToken(deps, {
      subjectToken: form.one('subject_token'),
      subjectTokenType: form.one('subject_token_type'),
      requestedTokenType: form.one('requested_token_type'),
      actorToken: form.one('actor_token'),
      scope: form.one('scope'),
      targets: [...form.many('resource'), ...form.many('audience')],
      caller,
      appId,
      fromBrowser: ctx.get('origin') !== '',
      surface: 'app exchange',
      requestId: ctx.state.requestId,
    });
    ctx.set('Cache-Control', 'no-store');
    ctx.set('Pragma', 'no-cache');
    ctx.status = outcome.ok ? 200 : oauthStatus(outcome.error);
    const { requestId: correlation_id } = ctx.state;
    ctx.body = outcome.ok
      ? { ...outcome.value, signer_url: deps.signerUrl, correlation_id }
      : { ...oauthErrorBody(outcome), correlation_id };
  };
}

const keyBody = z.object({
  apiKey: z.string().max(LIMITS.credentialCharsMax),
  scope: z.string().max(LIMITS.scopeCharsMax).optional(),
  clientId: z.string().max(64).optional(),
});

/** POST /api/pymthouse/keys/exchange: the same with JSON, for clients that know this address. */
export function keyExchangeRoute(deps: ExchangeRouteDeps): Middleware {
  return guard({ body: keyBody, bodyBytesMax: LIMITS.bodyBytesMax }, async (ctx, { body }) => {
    const outcome = await exchangeToken(deps, {
      subjectToken: body.apiKey,
      subjectTokenType: API_KEY_TYPE,
      requestedTokenType: undefined,
      actorToken: undefined,
      scope: body.scope,
      targets: [],
      caller: undefined,
      appId: body.clientId,
      fromBrowser: ctx.get('origin') !== '',
      surface: 'key exchange',
      requestId: ctx.state.requestId,
    });
    ctx.set('Cache-Control', 'no-store');
    if (outcome.ok) {
      ctx.body = { ...outcome.value, signer_url: deps.signerUrl };
      return;
    }
    const isKey = outcome.error === 'invalid_grant';
    ctx.status = isKey ? 401 : oauthStatus(outcome.error);
    ctx.body = isKey ? API_KEY_REFUSED : oauthErrorBody(outcome);
  });
}

async function optionalCaller(
  deps: ExchangeRouteDeps,
  ctx: Context,
): Promise<Caller | undefined | 'refused'> {
  const header = ctx.get('authorization');
  if (header === '') return undefined;
  const client = await authenticateClient(deps, header);
  if (!client.ok || client.value.appId === null) return 'refused';
  const { id: clientId, appId, scopes } = client.value;
  return { clientId, appId, scopes };
}

function refuse(ctx: Context, status: number, error: string, description: string): void {
  ctx.status = status;
  const { requestId: correlation_id } = ctx.state;
  ctx.body = { error, error_description: description, correlation_id };
}
