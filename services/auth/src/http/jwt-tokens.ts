import type { Context, Middleware, Next } from 'koa';
import type { Client, KoaContextWithOIDC } from 'oidc-provider';
import { ownMetadata } from '../oidc/client-metadata.ts';
import { type IntrospectDeps, introspectToken } from '../tokens/introspect-token.ts';
import { type RevokeOwnDeps, revokeOwnToken } from '../tokens/revoke-own-token.ts';

export type JwtTokenDeps = IntrospectDeps & RevokeOwnDeps;

/**
 * Introspection and revocation of access tokens that are JWTs. oidc-provider proves the client and
 * then refuses such a token, with an error that it gives for nothing else; the answer is put in
 * the place of that.
 */
export function jwtTokens(deps: JwtTokenDeps, issuerPath: string): Middleware {
  const introspection = `${issuerPath}/token/introspection`;
  const revocation = `${issuerPath}/token/revocation`;
  const isAsked = (path: string) => path === introspection || path === revocation;
  return (ctx, next) => (isAsked(ctx.path) ? answer(ctx as Context, next) : next());

  async function answer(ctx: Context, next: Next): Promise<void> {
    await next();
    const { oidc } = ctx as unknown as Partial<KoaContextWithOIDC>;
    const refused = (ctx.body as { error?: string } | undefined)?.error;
    const token = oidc?.params?.token;
    const client = oidc?.client;
    if (refused !== 'unsupported_token_type' || !client || typeof token !== 'string') return;
    const input = { token, ...callerOf(client) };
    if (ctx.path === introspection) {
      ctx.status = 200;
      ctx.body = await introspectToken(deps, input);
      return;
    }
    const outcome = await revokeOwnToken(deps, { ...input, requestId: ctx.state.requestId });
    ctx.status = outcome.ok ? 200 : 400;
    ctx.body = outcome.ok
      ? ''
      : { error: 'invalid_request', error_description: 'the token is another client’s' };
  }
}

function callerOf(client: Client) {
  const { ch_app_id: appId } = ownMetadata(client);
  return {
    clientId: client.clientId,
    appId: appId === '' ? undefined : appId,
    isConfidential: client.clientAuthMethod !== 'none',
  };
}
