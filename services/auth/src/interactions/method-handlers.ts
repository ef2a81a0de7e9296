import { publicError, ServiceError } from '@clearinghouse/shared';
import type { Context, Middleware } from 'koa';
import { removeSignInMethod } from '../accounts/remove-sign-in-method.ts';
import { tellOwner } from '../accounts/tell-owner.ts';
import { applyRate } from '../http/rate-limit.ts';
import { claimIdentity } from '../sign-in/claim-identity.ts';
import { finishAddingPasskey, startAddingPasskey } from '../sign-in/passkeys/add-passkey.ts';
import type { ProvenIdentity } from '../sign-in/resolve-identity.ts';
import { finishUpstream } from '../sign-in/upstream/finish-upstream.ts';
import { startUpstream } from '../sign-in/upstream/start-upstream.ts';
import { finishWallet } from '../sign-in/wallet/finish-wallet.ts';
import { startWallet } from '../sign-in/wallet/start-wallet.ts';
import { type AccountDeps, backTo, showSecurity } from './account-handlers.ts';
import { type AtAccount, withAccount, withFreshAccount } from './account-session.ts';
import { redirect } from './finish-sign-in.ts';
import { requireWay, waysOf } from './open-interaction.ts';
import { readOwnForm } from './page-guard.ts';
import { siteOf } from './passkey-handlers.ts';
import { ACCOUNT_ROUTE } from './upstream-handlers.ts';

async function countChange(deps: AccountDeps, ctx: Context, at: AtAccount): Promise<void> {
  applyRate(ctx, await deps.consumeRate('sign_in_account_ip', `change:${at.account.id}`));
}

/** POST /account/passkeys/options, as JSON. */
export function newPasskeyOptionsRoute(deps: AccountDeps): Middleware {
  return withFreshAccount(deps, 'security', async (ctx, at) => {
    requireWay(waysOf(deps).passkey);
    await readOwnForm(ctx, deps, at.holder);
    await countChange(deps, ctx, at);
    const { holder, account } = at;
    const passkeySite = siteOf(deps);
    ctx.set('Cache-Control', 'no-store');
    ctx.body = await startAddingPasskey({ ...deps, passkeySite }, { holder, account });
  });
}

/** POST /account/passkeys */
export function newPasskeyRoute(deps: AccountDeps): Middleware {
  return withFreshAccount(deps, 'security', async (ctx, at) => {
    requireWay(waysOf(deps).passkey);
    const form = await readOwnForm(ctx, deps, at.holder);
    const outcome = await finishAddingPasskey(
      { ...deps, passkeySite: siteOf(deps) },
      {
        holder: at.holder,
        accountId: at.account.id,
        response: form.one('response') ?? '',
        label: form.one('label') ?? '',
      },
    );
    if (outcome.ok) {
      tellOwner(deps, { account: at.account, what: 'a passkey was added' });
      return backTo(ctx, 'security', 'added');
    }
    const fault = 'This passkey could not be added. Try again.';
    await showSecurity(deps, ctx, at, { fault, status: publicError(outcome.code).status });
  });
}

/** POST /account/passkeys/:id/remove and /account/identities/:id/remove */
export function removeMethodRoute(deps: AccountDeps, kind: 'passkey' | 'identity'): Middleware {
  return withFreshAccount(deps, 'security', async (ctx, at) => {
    await readOwnForm(ctx, deps, at.holder);
    const input = { accountId: at.account.id, kind, id: String(ctx.params.id) };
    const outcome = await removeSignInMethod(deps, input);
    if (outcome.ok) {
      tellOwner(deps, { account: at.account, what: 'a way to sign in was removed' });
      return backTo(ctx, 'security', 'removed');
    }
    if (outcome.code === 'not_found') throw new ServiceError('not_found');
    const { message: fault, status } = publicError(outcome.code);
    await showSecurity(deps, ctx, at, { fault, status });
  });
}

/** POST /account/wallet/message, as JSON. */
export function newWalletMessageRoute(deps: AccountDeps): Middleware {
  return withFreshAccount(deps, 'security', async (ctx, at) => {
    requireWay(waysOf(deps).wallet);
    const form = await readOwnForm(ctx, deps, at.holder);
    await countChange(deps, ctx, at);
    const outcome = await startWallet(deps, {
      holder: at.holder,
      address: form.one('address') ?? '',
      chainId: Number(form.one('chainId') ?? ''),
      purpose: 'link',
    });
    if (!outcome.ok) throw new ServiceError(outcome.code);
    ctx.set('Cache-Control', 'no-store');
    ctx.body = outcome.value;
  });
}

/** POST /account/wallet */
export function newWalletRoute(deps: AccountDeps): Middleware {
  return withFreshAccount(deps, 'security', async (ctx, at) => {
    requireWay(waysOf(deps).wallet);
    const form = await readOwnForm(ctx, deps, at.holder);
    const nonce = form.one('nonce') ?? '';
    const signature = form.one('signature') ?? '';
    const proven = await finishWallet(deps, { holder: at.holder, nonce, signature });
    if (proven.ok) return claim(deps, ctx, at, proven.value);
    const fault = 'The signature was not for this account. Try again.';
    await showSecurity(deps, ctx, at, { fault, status: 401 });
  });
}

/**
 * GET /account/upstream/:provider: from our own page alone. Begun by another site, in a browser that
 * it has signed in to its own account there, it would add that account to this one.
 */
export function newUpstreamRoute(deps: AccountDeps): Middleware {
  return withFreshAccount(deps, 'security', async (ctx, at) => {
    if (ctx.get('sec-fetch-site') !== 'same-origin') {
      throw new ServiceError('forged_request', { detail: 'begun by another site' });
    }
    requireWay(waysOf(deps).upstreams.length > 0);
    await countChange(deps, ctx, at);
    const providerId = String(ctx.params.provider);
    const { holder } = at;
    const input = { providerId, holder, route: ACCOUNT_ROUTE, isFresh: false };
    const outcome = await startUpstream(deps, input);
    if (!outcome.ok) throw new ServiceError(outcome.code);
    redirect(ctx, outcome.value.href);
  });
}

/** GET /account/upstream/:provider/callback */
export function newUpstreamCallbackRoute(deps: AccountDeps): Middleware {
  return withAccount(deps, 'security', async (ctx, at) => {
    const providerId = String(ctx.params.provider);
    const { holder } = at;
    const proven = await finishUpstream(deps, { providerId, holder, query: ctx.querystring });
    if (proven.ok) return claim(deps, ctx, at, proven.value);
    const fault = 'The other side did not answer as it should. Try again.';
    await showSecurity(deps, ctx, at, { fault, status: 401 });
  });
}

async function claim(
  deps: AccountDeps,
  ctx: Context,
  at: AtAccount,
  identity: ProvenIdentity,
): Promise<void> {
  const outcome = await claimIdentity(deps, { accountId: at.account.id, identity });
  if (outcome.ok) {
    tellOwner(deps, { account: at.account, what: 'another way to sign in was added' });
    return backTo(ctx, 'security', 'added');
  }
  const fault = 'It belongs to an account already. Remove it there first.';
  await showSecurity(deps, ctx, at, { fault, status: publicError(outcome.code).status });
}
