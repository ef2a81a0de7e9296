import { renderPage } from './frame.ts';
import type { Page, PageKit } from './page.ts';

/** The part of a Koa context that a page is sent with. */
export type PageContext = {
  set: (name: string, value: string) => void;
  type: string;
  status: number;
  body: unknown;
};

/** Sends a page, with the headers that keep it what it is. */
export function sendPage(ctx: PageContext, kit: PageKit, page: Page): void {
  writePageHeaders(ctx, page);
  if (page.status !== undefined) ctx.status = page.status;
  ctx.type = 'html';
  ctx.body = renderPage(kit, page);
}

/** What a page needs beyond its own files; `inlineScripts`: the library's, by their hashes. */
type PolicyOf = Pick<Page, 'formTargets' | 'logo' | 'stub'> & {
  readonly inlineScripts?: readonly string[];
};

/** The headers of every page, also of what oidc-provider writes by itself. */
export function writePageHeaders(ctx: Pick<PageContext, 'set'>, page: PolicyOf = {}): void {
  ctx.set('Content-Security-Policy', contentSecurityPolicy(page));
  ctx.set('Referrer-Policy', 'no-referrer');
  ctx.set('X-Content-Type-Options', 'nosniff');
  ctx.set('X-Frame-Options', 'DENY');
  ctx.set('Cross-Origin-Opener-Policy', 'same-origin');
  ctx.set('Cross-Origin-Resource-Policy', 'same-origin');
  ctx.set('Permissions-Policy', 'camera=(), geolocation=(), microphone=(), payment=()');
  ctx.set('Cache-Control', 'no-store');
}

function contentSecurityPolicy(page: PolicyOf): string {
  const logo = page.stub?.logo ?? page.logo;
  const images = [...new Set(["'self'", 'data:', ...(logo ? [new URL(logo).origin] : [])])];
  // Chromium follows a form's redirects through this list, up to the app's own address.
  const targets = [...new Set(["'self'", ...(page.formTargets ?? [])])];
  return [
    "default-src 'none'",
    "style-src 'self'",
    ["script-src 'self'", ...(page.inlineScripts ?? [])].join(' '),
    "connect-src 'self'",
    `img-src ${images.join(' ')}`,
    `form-action ${targets.join(' ')}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/**
 * A redirect URI as a source of `form-action`: its origin, or the scheme of an app's own. What
 * the grammar cannot say (an IPv6 address) becomes its scheme.
 */
export function formTargetOf(redirectUri: unknown): string[] {
  if (typeof redirectUri !== 'string' || !URL.canParse(redirectUri)) return [];
  const { protocol, origin, hostname } = new URL(redirectUri);
  if (!/^[a-z][a-z0-9+.-]*:$/.test(protocol)) return [];
  const isWeb = protocol === 'http:' || protocol === 'https:';
  return [isWeb && !hostname.startsWith('[') ? origin : protocol];
}
