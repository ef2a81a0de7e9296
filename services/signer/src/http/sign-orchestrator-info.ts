import type { Address } from '@clearinghouse/shared';
import type { Context } from 'koa';
import type { Authenticate } from '../authorize/authenticate.ts';
import { ACCOUNT_HEADER, type ChooseSender } from '../custody/choose-sender.ts';
import { SIGNER_LIMITS } from '../limits.ts';
import { readBody } from './read-body.ts';
import { authenticateRequest } from './read-request.ts';
import { refuseCode } from './refuse.ts';

export type SignOrchestratorInfoDeps = {
  readonly authenticate: Authenticate;
  /** Anybody may ask: only for networks where the address is no secret. */
  readonly isOrchestratorInfoOpen: boolean;
  readonly chooseSender: ChooseSender;
  /** The constant answer of an account: its address and its signature over it. */
  readonly orchestratorInfo: (sender: Address) => string;
};

/** `POST /sign-orchestrator-info`: the body is read and ignored. Needs no chain. */
export async function signOrchestratorInfo(
  deps: SignOrchestratorInfoDeps,
  ctx: Context,
): Promise<void> {
  await readBody(ctx.req, SIGNER_LIMITS.bodyBytesMax);
  if (!deps.isOrchestratorInfoOpen) {
    const caller = await authenticateRequest(deps.authenticate, ctx.req);
    if (!caller.ok) return refuseCode(ctx, caller.code);
    ctx.state.principal = caller.principal;
  }
  const sender = deps.chooseSender(ctx.get(ACCOUNT_HEADER));
  if (sender === undefined) return refuseCode(ctx, 'unknown_account');
  ctx.type = 'application/json';
  ctx.body = deps.orchestratorInfo(sender);
}
