import { ServiceError, toServiceError } from '@clearinghouse/shared';
import type { Context, Middleware } from 'koa';
import { type Form, readForm } from '../http/read-form.ts';
import { faultPage } from '../pages/notice-pages.ts';
import { sendPage } from '../pages/send-page.ts';
import type { PeopleDeps } from './people-deps.ts';

/** Turns what a page's handler throws into a page; a fault is logged once, here. */
export function pageErrors(deps: Pick<PeopleDeps, 'pageKit' | 'log'>): Middleware {
  return async (ctx, next) => {
    try {
      await next();
    } catch (thrown) {
      const error = isOver(thrown) ? new ServiceError('sign_in_expired') : toServiceError(thrown);
      const { requestId } = ctx.state;
      if (error.status >= 500) {
        deps.log.error({ requestId, path: ctx.path, err: error.cause ?? error }, 'page failed');
      }
      const page = faultPage({
        title: TITLES[error.status] ?? 'This cannot be done',
        text: error.publicMessage,
        status: error.status,
        code: error.code,
        requestId: typeof requestId === 'string' ? requestId : undefined,
      });
      sendPage(ctx as Context, deps.pageKit, page);
    }
  };
}

const TITLES: Readonly<Record<number, string>> = {
  404: 'There is nothing here',
  429: 'Too many tries',
  500: 'Something broke here',
  503: 'Not right now',
};

/** oidc-provider's own word for an interaction that is gone, or another browser's. */
function isOver(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.name === 'SessionNotFound';
}

/**
 * Reads the form of one of our own pages: sent from this origin, with the token of the
 * interaction or session that it acts in.
 *
 * @throws ServiceError `forged_request` for any other.
 */
export async function readOwnForm(
  ctx: Context,
  deps: Pick<PeopleDeps, 'csrf' | 'origin'>,
  holder: string,
): Promise<Form> {
  checkSameOrigin(ctx, deps.origin);
  const form = await readForm(ctx, []);
  if (!deps.csrf.matches(holder, form.one('csrf'))) {
    throw new ServiceError('forged_request', { detail: 'form token' });
  }
  return form;
}

/**
 * Browsers say where a request comes from. Our pages send no referrer, so that `Origin` is `null`
 * on their forms; then `Sec-Fetch-Site` decides, which no page can write.
 *
 * @throws ServiceError `forged_request`
 */
export function checkSameOrigin(ctx: Context, origin: string): void {
  const given = ctx.get('origin');
  const site = ctx.get('sec-fetch-site');
  const isForeign = given !== '' && given !== 'null' && given !== origin;
  const isOwn = site === 'same-origin' || (site === '' && given === origin);
  if (isForeign || !isOwn) throw new ServiceError('forged_request', { detail: 'origin' });
}
