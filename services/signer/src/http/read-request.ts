import type { IncomingMessage } from 'node:http';
import type { Authenticate } from '../authorize/authenticate.ts';
import type { AuthOutcome } from '../authorize/credential.ts';

/** Who asks, from the headers of a request. */
export function authenticateRequest(
  authenticate: Authenticate,
  req: IncomingMessage,
): AuthOutcome | Promise<AuthOutcome> {
  const { authorization, origin } = req.headers;
  return authenticate({ authorization, fromBrowser: origin !== undefined });
}

/** A header of ours; empty when it is absent. */
export function headerOf(req: IncomingMessage, name: string): string {
  const value = req.headers[name.toLowerCase()];
  return typeof value === 'string' ? value : '';
}
