const NEEDS_ESCAPE = /["\\]/;

/** One text of an array literal of Postgres, quoted. */
export function quoteElement(text: string): string {
  return NEEDS_ESCAPE.test(text) ? `"${text.replace(/["\\]/g, '\\$&')}"` : `"${text}"`;
}

/** A flat array as Postgres reads it: `{"a","b",NULL}`. */
export function toArrayLiteral(values: readonly unknown[]): string {
  const elements = values.map((value) =>
    value === null || value === undefined ? 'NULL' : quoteElement(String(value)),
  );
  return `{${elements.join(',')}}`;
}
