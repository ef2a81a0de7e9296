import type { Middleware } from 'koa';

/** GET /apps/:appId/signer/routing: where an app's gateways find the signer. */
export function signerRoutingRoute(deps: { signerUrl: string; issuer: string }): Middleware {
  return async (ctx) => {
    const { signerUrl, issuer } = deps;
    const { origin } = new URL(issuer);
    ctx.body = {
      clientId: ctx.params.appId,
      routing: {
        signerApiUrl: signerUrl,
        remoteDmzUrl: signerUrl,
        jwksUri: `${issuer}/jwks`,
        identityMode: 'webhook',
        meteringMode: 'platform_ingest',
      },
      patterns: {
        directDmz: {
          description: 'Call the signer directly with a signer token or an API key.',
          signerApiUrl: signerUrl,
          webhookUrl: `${origin}/webhooks/remote-signer`,
        },
      },
    };
  };
}
