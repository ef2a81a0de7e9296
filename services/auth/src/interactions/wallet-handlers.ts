import { publicError, ServiceError } from '@clearinghouse/shared';
import type { Middleware } from 'koa';
import { resolveIdentity } from '../sign-in/resolve-identity.ts';
import { AMR } from '../sign-in/signed-in.ts';
import { finishWallet } from '../sign-in/wallet/finish-wallet.ts';
import { startWallet } from '../sign-in/wallet/start-wallet.ts';
import { countSignIn, finishSignIn } from './finish-sign-in.ts';
import { requireWay, withInteraction } from './open-interaction.ts';
import { readOwnForm } from './page-guard.ts';
import { showLogin } from './password-handlers.ts';
import type { PeopleDeps } from './people-deps.ts';

/** POST wallet/message: the message that the wallet is to sign, as JSON. */
export function walletMessageRoute(deps: PeopleDeps): Middleware {
  return withInteraction(deps, 'login', async (ctx, { view, holder }) => {
    requireWay(view.ways.wallet);
    const form = await readOwnForm(ctx, deps, holder);
    await countSignIn(deps, ctx);
    const address = form.one('address') ?? '';
    const chainId = Number(form.one('chainId') ?? '');
    const outcome = await startWallet(deps, { holder, address, chainId, purpose: 'sign-in' });
    if (!outcome.ok) throw new ServiceError(outcome.code);
    ctx.set('Cache-Control', 'no-store');
    ctx.body = outcome.value;
  });
}

/** POST wallet: what it signed. */
export function walletRoute(deps: PeopleDeps): Middleware {
  return withInteraction(deps, 'login', async (ctx, interaction) => {
    const { view, holder } = interaction;
    requireWay(view.ways.wallet);
    const form = await readOwnForm(ctx, deps, holder);
    await countSignIn(deps, ctx);
    const nonce = form.one('nonce') ?? '';
    const signature = form.one('signature') ?? '';
    const proven = await finishWallet(deps, { holder, nonce, signature });
    const { requestId } = ctx.state;
    if (!proven.ok) {
      deps.log.info({ requestId, reason: proven.detail }, 'wallet refused');
      const fault = 'The signature was not for this sign-in. Try again.';
      return showLogin(deps, ctx, interaction, { fault, status: 401 });
    }
    const resolved = await resolveIdentity(deps, { identity: proven.value, holder, requestId });
    if (resolved.ok) {
      const { accountId } = resolved.value;
      const signedIn = { accountId, methods: AMR.wallet, remember: true };
      return finishSignIn(deps, ctx, interaction, signedIn);
    }
    const { status, message: fault } = publicError(resolved.code);
    await showLogin(deps, ctx, interaction, { fault, status });
  });
}
