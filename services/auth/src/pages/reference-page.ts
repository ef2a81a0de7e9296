import { z } from 'zod';
import { codesOf } from '../openapi/build-document.ts';
import { type AnswerBody, type Described, TAGS, type Tag } from '../openapi/operation.ts';
import { type Html, html } from './html.ts';
import type { Page } from './page.ts';

/** The reference of the API, made from the same operations as the document. */
export function referencePage(
  operations: readonly Described[],
  where: { readonly issuer: string; readonly documentPath: string },
): Page {
  const byTag = Map.groupBy(operations, ({ tag }) => tag);
  const tags = (Object.keys(TAGS) as Tag[]).filter((tag) => byTag.has(tag));
  const body = html`<h1>Management API</h1>
<p>Bearer with a management token of the issuer <code>${where.issuer}</code>, or Basic with a
client’s id and secret. Money is decimal text. The same as a file:
<a href="${where.documentPath}">openapi.json</a> (OpenAPI 3.1).</p>
<nav class="contents" aria-label="Sections"><ul>${tags.map(
    (tag) => html`<li><a href="#${anchor(tag)}">${tag}</a></li>`,
  )}</ul></nav>
${tags.map((tag) => section(tag, byTag.get(tag) ?? []))}`;
  return { title: 'Management API', body, isWide: true };
}

function section(tag: Tag, operations: readonly Described[]): Html {
  return html`<section class="reference" aria-labelledby="${anchor(tag)}">
<h2 id="${anchor(tag)}">${tag}</h2><p>${inline(TAGS[tag])}</p>
${operations.map(describe)}</section>`;
}

function describe(operation: Described): Html {
  const { method, path, name, summary, about, answers, input, form, once } = operation;
  const body = form ?? input.body;
  return html`<details class="route" id="${anchor(name)}"><summary><span class="verb">${method}</span>
<code class="path">${path.replaceAll(/:([A-Za-z]+)/g, '{$1}')}</code><span class="what">${summary}</span></summary>
${about !== undefined && html`<p>${inline(about)}</p>`}
<dl><div><dt>Who</dt><dd>${who(operation)}</dd></div>
${once !== undefined && html`<div><dt>Idempotency-Key</dt><dd>${once}</dd></div>`}
<div><dt>Refusals</dt><dd>${codesOf(operation).map((code) => html`<code>${code}</code> `)}</dd></div></dl>
${input.query && schemaBlock('Query', input.query, 'input')}
${body && schemaBlock(form ? 'Form' : 'Body', body, 'input')}
${Object.entries(answers).map(([status, answer]) => answerBlock(status, answer))}</details>`;
}

function who({ access }: Described): string {
  if (access.who === 'app') {
    const scope = access.scope === undefined ? 'any client of the app' : `scope ${access.scope}`;
    return `${scope}; the team by role; the operator`;
  }
  return {
    admin: 'the operator, scope admin',
    person: 'a person, scope manage',
    user: 'a user, with the user’s own token',
    open: 'anybody: what is sent is the credential',
  }[access.who];
}

function answerBlock(status: string, answer: AnswerBody): Html {
  if (answer instanceof z.ZodType) return schemaBlock(`Answer ${status}`, answer, 'output');
  return html`<p class="answer">Answer ${status}${answer.type !== '' && `: ${answer.type}`}</p>`;
}

function schemaBlock(title: string, schema: z.ZodType, io: 'input' | 'output'): Html {
  const shape = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  const { $schema: _dialect, additionalProperties: _more, ...rest } = shape;
  return html`<h3>${title}</h3><pre tabindex="0"><code>${lines(rest as Shape, '')}</code></pre>`;
}

type Shape = {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly items?: Shape;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Shape[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly format?: string;
};

/** A schema as somebody would write it down: names, types, bounds. */
function lines(shape: Shape, indent: string): string {
  if (shape.properties) {
    const deeper = `${indent}  `;
    const rows = Object.entries(shape.properties).map(([name, part]) => {
      const mark = shape.required?.includes(name) ? '' : '?';
      const preset = part.default === undefined ? '' : ` = ${JSON.stringify(part.default)}`;
      return `${deeper}${name}${mark}: ${lines(part, deeper)}${preset}\n`;
    });
    return `{\n${rows.join('')}${indent}}`;
  }
  if (shape.anyOf) return shape.anyOf.map((part) => lines(part, indent)).join(' | ');
  if (shape.enum) return shape.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (shape.const !== undefined) return JSON.stringify(shape.const);
  if (shape.items) return `[${lines(shape.items, indent)}]`;
  const bound = shape.maxLength ?? shape.maximum;
  const isBound = bound !== undefined && bound < Number.MAX_SAFE_INTEGER;
  return `${shape.format ?? shape.type ?? 'any'}${isBound ? ` ≤ ${bound}` : ''}`;
}

/** Text with `code` in it. */
function inline(text: string): Html {
  const parts = text.split('`');
  return html`${parts.map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part))}`;
}

function anchor(text: string): string {
  return text.toLowerCase().replaceAll(' ', '-');
}
