import type { Context } from 'koa';
import type { Authenticate } from '../authorize/authenticate.ts';
import type { AuthOutcome } from '../authorize/credential.ts';

/** Who asks, from the headers of a request. */
export function authenticateRequest(
  authenticate: Authenticate,
  ctx: Context,
): AuthOutcome | Promise<AuthOutcome> {
  const { authorization, origin } = ctx.req.headers;
  return authenticate({ authorization, fromBrowser: origin !== undefined });
}
