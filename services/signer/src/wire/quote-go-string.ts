// biome-ignore lint/suspicious/noControlCharactersInRegex: the very characters to escape
const SPECIAL = /["\\<>&\u0000-\u001f\u2028\u2029\ud800-\udfff]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the very characters to escape
const SPECIALS = /["\\<>&\u0000-\u001f\u2028\u2029]/g;
const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

/** A text as Go's `encoding/json` writes it: also `<`, `>`, `&`, U+2028 and U+2029 escaped. */
export function quoteGoString(text: string): string {
  if (!SPECIAL.test(text)) return `"${text}"`;
  return `"${text.toWellFormed().replace(SPECIALS, escapeChar)}"`;
}

function escapeChar(char: string): string {
  const short = SHORT[char];
  return short ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
