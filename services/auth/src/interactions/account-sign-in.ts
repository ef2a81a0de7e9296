import { randomBytes } from 'node:crypto';
import { ServiceError } from '@clearinghouse/shared';
import type { Context, Middleware, Next } from 'koa';
import { noteSession } from '../accounts/note-session.ts';
import { applyRate, ipOf } from '../http/rate-limit.ts';
import { LIMITS } from '../limits.ts';
import { donePage } from '../pages/notice-pages.ts';
import { sendPage } from '../pages/send-page.ts';
import { SECTIONS, type Section, sectionPath } from './account-session.ts';
import { redirect } from './finish-sign-in.ts';
import { type OpenInteraction, withInteraction } from './open-interaction.ts';
import type { PeopleDeps } from './people-deps.ts';

const UID_BYTES = 24;

type SessionInput = {
  readonly uid: string;
  readonly accountId: string;
  readonly methods: readonly string[];
};

/**
 * GET /account/sign-in: an interaction like any app's, but that it ends here. `to` names a page of
 * the account, and nothing else.
 */
export function beginAccountSignInRoute(deps: PeopleDeps, then: '' | '/forgot' = ''): Middleware {
  return async (ctx) => {
    // Each leaves a row behind for ten minutes.
    applyRate(ctx as Context, await deps.consumeRate('anonymous_ip', ipOf(ctx)));
    const uid = randomBytes(UID_BYTES).toString('base64url');
    const to = SECTIONS.find((section) => section === ctx.query.to) ?? 'profile';
    const token = tokenOf(ctx.query.invitation);
    const provider = deps.issuerParts.provider();
    const path = `/interaction/${uid}`;
    // Whoever is signed in comes to show anew who they are: no session elsewhere may stand in.
    const { accountId } = await provider.Session.get(ctx as Context);
    const reason = accountId === undefined ? 'no_session' : 'login_prompt';
    // The constructor is (id, payload); its types know only what BaseModel takes.
    const Interaction = provider.Interaction as unknown as new (
      id: string,
      payload: object,
    ) => InstanceType<typeof provider.Interaction>;
    const interaction = new Interaction(uid, {
      returnTo: `${deps.origin}${path}/done`,
      prompt: { name: 'login', reasons: [reason], details: {} },
      params: { to, ...(token === undefined ? {} : { invitation: token }) },
      cid: uid,
    });
    await interaction.save(LIMITS.interactionTtlSec);
    const maxAge = LIMITS.interactionTtlSec * 1000;
    const name = provider.cookieName('interaction');
    ctx.cookies.set(name, uid, { ...cookieOptions(ctx as Context), path, maxAge });
    redirect(ctx as Context, `${path}${then}`);
  };
}

/** GET done: makes the session, under a new id whatever cookie was there before. */
export function endAccountSignInRoute(deps: PeopleDeps): Middleware {
  return withInteraction(deps, 'login', async (ctx, { provider, details, uid }) => {
    const { login } = details.result ?? {};
    // An app's sign-in goes on at the issuer: its own path, with its own cookie.
    if (details.params.client_id !== undefined) throw new ServiceError('sign_in_expired');
    await details.destroy();
    ctx.cookies.set(provider.cookieName('interaction'), null, {
      ...cookieOptions(ctx),
      path: `/interaction/${uid}`,
    });
    if (!login) return sendPage(ctx, deps.pageKit, NOT_SIGNED_IN);
    await signIn(deps, ctx, provider, login);
    const { to, invitation } = details.params;
    const token = tokenOf(invitation);
    const page = sectionPath(to as Section);
    redirect(ctx, token === undefined ? page : `/account/invitation?token=${token}`);
  });
}

/** The secret of an invitation, which is letters, digits and underscores; nothing else passes. */
export function tokenOf(value: unknown): string | undefined {
  return typeof value === 'string' && /^\w{1,128}$/.test(value) ? value : undefined;
}

const NOT_SIGNED_IN = donePage({
  title: 'Not signed in',
  text: 'Nothing was changed. You can close this page.',
  link: { href: '/account', label: 'Sign in to your account' },
});

async function signIn(
  deps: PeopleDeps,
  ctx: Context,
  provider: OpenInteraction['provider'],
  login: {
    accountId: string;
    amr?: string[] | undefined;
    remember?: boolean | undefined;
  },
): Promise<void> {
  const found = await provider.Session.get(ctx);
  const isOther = found.accountId !== undefined && found.accountId !== login.accountId;
  if (isOther) await found.destroy();
  const session = isOther ? new provider.Session() : found;
  const { accountId, amr = [], remember = true } = login;
  session.loginAccount({ accountId, amr, transient: !remember });
  session.resetIdentifier();
  await session.save(LIMITS.sessionIdleSec);
  const expires = new Date(deps.nowMs() + LIMITS.sessionIdleSec * 1000);
  const lasting = remember ? { expires } : {};
  const options = { ...cookieOptions(ctx), path: '/', ...lasting };
  ctx.cookies.set(provider.cookieName('session'), session.jti, options);
  await keepSession(deps, ctx, { uid: session.uid, accountId, methods: amr });
}

/** After the issuer has signed somebody in: keeps where, for the list in the account. */
export function recordSessions(deps: PeopleDeps): Middleware {
  // Sessions begin where a browser comes back to the issuer.
  return (ctx, next) => (ctx.method === 'GET' ? recordSession(ctx as Context, next) : next());

  async function recordSession(ctx: Context, next: Next): Promise<void> {
    await next();
    const { oidc } = ctx as unknown as { oidc?: IssuerState };
    const { session, result } = oidc ?? {};
    if (!result?.login || !session?.accountId || !session.uid) return;
    const { uid, accountId } = session;
    await keepSession(deps, ctx as Context, { uid, accountId, methods: result.login.amr ?? [] });
  }
}

type IssuerState = {
  readonly session?: { readonly accountId?: string; readonly uid?: string };
  readonly result?: { readonly login?: { readonly amr?: string[] } };
};

/** A list for people: that it cannot be written keeps nobody from signing in. */
async function keepSession(deps: PeopleDeps, ctx: Context, session: SessionInput): Promise<void> {
  const userAgent = ctx.get('user-agent');
  const where = { userAgent, ip: ctx.ip, ttlSec: LIMITS.sessionMaxSec };
  try {
    await noteSession(deps, { ...session, ...where });
  } catch (err) {
    deps.log.warn({ err, requestId: ctx.state.requestId }, 'session not noted');
  }
}

/** This browser forgets its session. */
export function dropSessionCookie(deps: Pick<PeopleDeps, 'issuerParts'>, ctx: Context): void {
  const name = deps.issuerParts.provider().cookieName('session');
  ctx.cookies.set(name, null, { ...cookieOptions(ctx), path: '/' });
}

/** As the issuer's own cookies are; `secure` follows the protocol of the origin. */
export function cookieOptions(ctx: Context) {
  const { secure } = ctx;
  return { httpOnly: true, sameSite: 'lax', signed: true, secure, overwrite: true } as const;
}
