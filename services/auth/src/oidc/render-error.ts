import type { Configuration } from 'oidc-provider';

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** The error page of the authorization endpoint: no script, no style from outside, all escaped. */
export const renderError: NonNullable<Configuration['renderError']> = (ctx, out) => {
  ctx.set('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'");
  ctx.set('Referrer-Policy', 'no-referrer');
  ctx.set('X-Content-Type-Options', 'nosniff');
  ctx.type = 'html';
  const rows = Object.entries(out)
    .map(([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(String(value))}</dd>`)
    .join('');
  ctx.body = `<!doctype html><html lang="en"><title>Sign-in error</title><h1>Sign-in error</h1><dl>${rows}</dl></html>`;
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => ESCAPES[letter] ?? '');
}
