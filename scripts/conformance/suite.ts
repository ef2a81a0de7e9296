import { createRemoteJWKSet } from 'jose';
import type { Client } from './issuer/make-clients.ts';
import type { Issuer } from './issuer/open-issuer.ts';

/** What every module works with. */
export type Suite = {
  readonly issuer: Issuer;
  readonly metadata: Metadata;
  readonly keys: ReturnType<typeof createRemoteJWKSet>;
  readonly client: Client;
  /** How long the module of that name waits before it uses a code again; 30 s in a full run. */
  readonly reuseAfterMs: number;
};

/** The discovery document, as far as modules look into it. */
export type Metadata = Readonly<Record<string, unknown>> & {
  readonly issuer: string;
  readonly authorization_endpoint: string;
  readonly token_endpoint: string;
  readonly userinfo_endpoint: string;
  readonly jwks_uri: string;
  readonly end_session_endpoint: string;
};

export const REDIRECT_URI = 'https://rp.example/callback';
export const AFTER_LOGOUT_URI = 'https://rp.example/signed-out';

/** Registers the suite's client and reads the discovery document. */
export async function openSuite(issuer: Issuer, reuseAfterMs: number): Promise<Suite> {
  const response = await fetch(`${issuer.url}/.well-known/openid-configuration`);
  const metadata = (await response.json()) as Metadata;
  // The Basic profile is older than PKCE: its modules, but one, send no challenge.
  const client = await issuer.makeClient({
    redirect_uris: [REDIRECT_URI],
    post_logout_redirect_uris: [AFTER_LOGOUT_URI],
    pkce_exempt: true,
  });
  const keys = createRemoteJWKSet(new URL(metadata.jwks_uri));
  return { issuer, metadata, keys, client, reuseAfterMs };
}
