import type { Submission, Visit } from './user-agent.ts';

/** A form of a page, as it would be sent without anybody typing. */
export type PageForm = Submission;

const FORM = /<form\b([^>]*)>([\s\S]*?)<\/form>/g;
const FIELD = /<input\b([^>]*)>/g;

/** The forms of a page, in its order. */
export function formsOf(visit: Visit): PageForm[] {
  return [...visit.text.matchAll(FORM)].map(([, attributes = '', inner = '']) => ({
    action: new URL(attribute(attributes, 'action') ?? '', visit.url).href,
    method: (attribute(attributes, 'method') ?? 'get').toLowerCase() === 'post' ? 'POST' : 'GET',
    origin: visit.url.origin,
    fields: fieldsOf(inner),
  }));
}

/** The form whose action ends so. @throws Error when the page has none. */
export function findForm(visit: Visit, suffix: string): PageForm {
  const form = formsOf(visit).find(({ action }) => new URL(action).pathname.endsWith(suffix));
  if (form) return form;
  throw new Error(`${visit.url.pathname} (HTTP ${visit.status}) has no form ${suffix}`);
}

/** Types into a form. */
export function fillForm(form: PageForm, typed: Readonly<Record<string, string>>): PageForm {
  return { ...form, fields: { ...form.fields, ...typed } };
}

/** The address of the link that ends so. @throws Error when the page has none. */
export function linkTo(visit: Visit, suffix: string): string {
  for (const [, href = ''] of visit.text.matchAll(/<a\b[^>]*\bhref="([^"]*)"/g)) {
    const url = new URL(decodeEntities(href), visit.url);
    if (url.pathname.endsWith(suffix)) return url.href;
  }
  throw new Error(`${visit.url.pathname} (HTTP ${visit.status}) has no link ${suffix}`);
}

function fieldsOf(inner: string): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const [, attributes = ''] of inner.matchAll(FIELD)) {
    const name = attribute(attributes, 'name');
    const isUnchecked =
      attribute(attributes, 'type') === 'checkbox' && !/\schecked\b/.test(attributes);
    if (name !== undefined && !isUnchecked) fields[name] = attribute(attributes, 'value') ?? '';
  }
  return fields;
}

function attribute(text: string, name: string): string | undefined {
  const [, value] = new RegExp(`(?:^|\\s)${name}="([^"]*)"`).exec(text) ?? [];
  return value === undefined ? undefined : decodeEntities(value);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
};

function decodeEntities(text: string): string {
  return text.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => ENTITIES[entity] ?? entity);
}
