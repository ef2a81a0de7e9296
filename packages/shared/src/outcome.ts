import type { ErrorCode } from './errors/codes.ts';

/** What an operation gives when its refusals are expected: a value, or one code of the union. */
export type Outcome<T, C extends ErrorCode = ErrorCode> =
  | { readonly ok: true; readonly value: T }
  | Refusal<C>;

/** A refusal: `code` is public and stable; `detail` is for logs only. */
export type Refusal<C extends ErrorCode = ErrorCode> = {
  readonly ok: false;
  readonly code: C;
  readonly detail?: string;
};

/** Wraps a value as a success. */
export function ok<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

/** Makes a refusal with a code and, for logs, a detail. */
export function refused<C extends ErrorCode>(code: C, detail?: string): Refusal<C> {
  return detail === undefined ? { ok: false, code } : { ok: false, code, detail };
}
