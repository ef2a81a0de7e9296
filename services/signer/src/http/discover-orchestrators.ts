import type { Context } from 'koa';
import type { Authenticate } from '../authorize/authenticate.ts';
import { chooseEntries } from '../discovery/choose-entries.ts';
import type { Orchestrators } from '../discovery/follow-orchestrators.ts';
import { DISCOVERY_LIMITS } from '../limits.ts';
import { authenticateRequest } from './read-request.ts';
import { JSON_TYPE, refuseCode } from './refuse.ts';

/** The path of discovery. */
export const DISCOVERY_PATH = '/discover-orchestrators';

/** What is known of orchestrators, and who may ask. */
export type Discovery = {
  /** Anybody may ask, without a credential. */
  readonly isOpen: boolean;
  readonly entries: Orchestrators['entries'];
};

/**
 * `GET /discover-orchestrators?caps=...`: who offers any of these capabilities at a price that we
 * would pay. 503 `unavailable` while nobody is known.
 */
export async function discoverOrchestrators(
  deps: { readonly authenticate: Authenticate },
  discovery: Discovery,
  ctx: Context,
): Promise<void> {
  if (!discovery.isOpen) {
    const caller = await authenticateRequest(deps.authenticate, ctx.req);
    if (!caller.ok) return refuseCode(ctx, caller.code);
    ctx.state.principal = caller.principal;
  }
  const caps = ctx.URL.searchParams.getAll('caps');
  if (caps.length > DISCOVERY_LIMITS.capsMax) return refuseCode(ctx, 'invalid_request');
  const entries = await discovery.entries();
  if (entries === undefined) return refuseCode(ctx, 'unavailable', 'no orchestrator is known');
  ctx.set('Content-Type', JSON_TYPE);
  ctx.body = `[${chooseEntries(entries, caps).map(({ json }) => json)}]\n`;
}
