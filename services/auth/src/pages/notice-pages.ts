import { DONE_SEAL } from './glyphs.ts';
import { html } from './html.ts';
import type { Page } from './page.ts';

/** A page that says one thing that was done. */
export function donePage(words: {
  readonly title: string;
  readonly text: string;
  readonly link?: { readonly href: string; readonly label: string } | undefined;
}): Page {
  const { title, text, link } = words;
  return {
    title,
    body: html`${DONE_SEAL}<h1>${title}</h1><p class="lead">${text}</p>
${link && html`<p><a class="button" href="${link.href}">${link.label}</a></p>`}`,
  };
}

/** A page that says what cannot be done, and what may help. */
export function faultPage(words: {
  readonly title: string;
  readonly text: string;
  readonly status: number;
  readonly code?: string | undefined;
  readonly requestId?: string | undefined;
  readonly link?: { readonly href: string; readonly label: string } | undefined;
}): Page {
  const { title, text, status, code, requestId, link } = words;
  return {
    title,
    status,
    body: html`<h1>${title}</h1><p class="notice fault" role="alert">${text}</p>
${link && html`<p><a class="button quiet" href="${link.href}">${link.label}</a></p>`}
${
  (code || requestId) &&
  html`<p class="foot">If you ask somebody for help, tell them: ${code && html`<code>${code}</code>`}${
    requestId && html` <code>${requestId}</code>`
  }</p>`
}`,
  };
}
