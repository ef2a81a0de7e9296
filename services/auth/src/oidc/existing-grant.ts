import type { Configuration, Grant, KoaContextWithOIDC } from 'oidc-provider';
import { ownMetadata } from './client-metadata.ts';

/**
 * Finds what a person has consented to before: in this interaction, or in this session. For an
 * app of the operator's own nobody is asked; what it requests is granted and kept as any consent
 * is, so that it can be seen and revoked.
 */
export const loadExistingGrant: NonNullable<Configuration['loadExistingGrant']> = async (ctx) => {
  const { oidc } = ctx;
  const { client, session } = oidc;
  if (!client || !session) return undefined;
  const consented = oidc.result?.consent?.grantId;
  const grantId = consented ?? session.grantIdFor(client.clientId);
  const grant = grantId === undefined ? undefined : await oidc.provider.Grant.find(grantId);
  // A grant whose person or client is another is somebody else's session.
  const isOwn = grant?.accountId === session.accountId;
  if (!ownMetadata(client).ch_first_party) return isOwn ? grant : undefined;
  return grantEverything(ctx, isOwn ? grant : undefined);
};

async function grantEverything(
  ctx: KoaContextWithOIDC,
  known: Grant | undefined,
): Promise<Grant | undefined> {
  const { oidc } = ctx;
  const { accountId } = oidc.session ?? {};
  const clientId = oidc.client?.clientId;
  if (accountId === undefined || clientId === undefined) return known;
  const grant = known ?? new oidc.provider.Grant({ accountId, clientId });
  const before = scopesOf(grant);
  grant.addOIDCScope([...oidc.requestParamOIDCScopes].join(' '));
  for (const [resource, server] of Object.entries(oidc.resourceServers ?? {})) {
    const scopes = [...oidc.requestParamScopes].filter((scope) => server.scopes.has(scope));
    if (scopes.length > 0) grant.addResourceScope(resource, scopes.join(' '));
  }
  if (known === undefined || scopesOf(grant) !== before) await grant.save();
  return grant;
}

function scopesOf(grant: Grant): string {
  return JSON.stringify([grant.openid ?? {}, grant.resources ?? {}]);
}
