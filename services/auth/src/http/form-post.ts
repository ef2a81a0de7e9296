import { hash } from 'node:crypto';
import type { ParameterizedContext } from 'koa';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { formTargetOf, writePageHeaders } from '../pages/send-page.ts';

const SCRIPT = /<script>([^<]*)<\/script>/;

/**
 * The page that carries an answer to an app by a form (OAuth 2.0 Form Post Response Mode) is the
 * library's own, with a script that submits it. It gets the headers of our pages, which let that one
 * script run and the form go to that one app.
 */
export function guardFormPost(ctx: ParameterizedContext): void {
  const { oidc } = ctx as unknown as Partial<KoaContextWithOIDC>;
  const { response_mode: mode, redirect_uri: target } = oidc?.params ?? {};
  if (mode !== 'form_post' || ctx.type !== 'text/html' || typeof ctx.body !== 'string') return;
  const script = SCRIPT.exec(ctx.body)?.[1];
  if (script === undefined) return;
  const inlineScripts = [`'sha256-${hash('sha256', script, 'base64')}'`];
  writePageHeaders(ctx, { formTargets: formTargetOf(target), inlineScripts });
}
