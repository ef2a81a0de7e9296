import { type Html, html } from './html.ts';

/** The hidden field that every form of ours carries. */
export function csrfField(token: string): Html {
  return html`<input type="hidden" name="csrf" value="${token}">`;
}

/** The place where a page says what went wrong, or that something was done. Read out when set. */
export function notice(words: { fault?: string | undefined; done?: string | undefined }): Html {
  const { fault, done } = words;
  const text = fault ?? done ?? '';
  const kind = fault === undefined ? 'notice' : 'notice fault';
  return html`<p class="${kind}" id="notice" role="${fault === undefined ? 'status' : 'alert'}" aria-live="polite" data-status>${text}</p>`;
}

/** A field with its label; the hint is read out with it. */
export function field(options: {
  readonly id: string;
  readonly label: string;
  readonly type: 'text' | 'email' | 'password';
  readonly autocomplete: string;
  readonly value?: string | undefined;
  readonly hint?: string | undefined;
  readonly isInvalid?: boolean;
  readonly isOptional?: boolean;
  readonly isFirst?: boolean;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly besideLabel?: Html | undefined;
}): Html {
  const { id, label, type, autocomplete, value, hint, besideLabel } = options;
  const hintId = hint === undefined ? undefined : `${id}-hint`;
  // What is wrong stands in the notice of the page, and is read with the field too.
  const about = [options.isInvalid && 'notice', hintId].filter(Boolean).join(' ');
  const name = html`<label for="${id}">${label}</label>`;
  return html`<div class="field">${besideLabel ? html`<div class="beside">${name}${besideLabel}</div>` : name}
<input id="${id}" name="${id}" type="${type}" autocomplete="${autocomplete}"${value !== undefined && html` value="${value}"`}${
    options.minLength !== undefined && html` minlength="${options.minLength}"`
  } maxlength="${options.maxLength ?? 254}"${!options.isOptional && html` required`}${
    options.isInvalid && html` aria-invalid="true"`
  }${about !== '' && html` aria-describedby="${about}"`}${options.isFirst && html` autofocus`}>
${hintId !== undefined && html`<p class="hint" id="${hintId}">${hint}</p>`}</div>`;
}

/** Dates as people read them, and as programs do. */
export function when(date: Date): Html {
  const iso = date.toISOString();
  return html`<time datetime="${iso}">${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC</time>`;
}
