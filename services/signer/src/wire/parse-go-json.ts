import { SIGNER_LIMITS } from '../limits.ts';

/** A JSON number with its text, so that no digit is lost. */
export type GoNumber = { readonly kind: 'number'; readonly text: string };
/** A JSON object with all its members in order, duplicates included. */
export type GoObject = { readonly kind: 'object'; readonly members: readonly GoMember[] };
export type GoMember = readonly [key: string, value: GoJson];
export type GoJson = null | boolean | string | GoNumber | readonly GoJson[] | GoObject;

type Scan = { readonly text: string; at: number };

const BLANK = /[ \t\r\n]*/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids them inside strings
const STRING_STOP = /["\\\u0000-\u001f]/g;
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

/**
 * Reads the first JSON value of a text as Go's `json.Decoder` sees it: what follows is
 * ignored, duplicate keys are all kept, numbers keep their text, half surrogates become
 * U+FFFD. `JSON.parse` can do none of these.
 *
 * Gives `undefined` for malformed text and for nesting beyond `jsonDepthMax`.
 */
export function parseGoJson(text: string): GoJson | undefined {
  const scan: Scan = { text, at: 0 };
  try {
    return readValue(scan, 0);
  } catch (fault) {
    if (fault instanceof Malformed) return undefined;
    throw fault;
  }
}

class Malformed extends Error {}

function readValue(scan: Scan, depth: number): GoJson {
  if (depth > SIGNER_LIMITS.jsonDepthMax) throw new Malformed();
  skipBlank(scan);
  switch (scan.text[scan.at]) {
    case '{':
      return readObject(scan, depth);
    case '[':
      return readArray(scan, depth);
    case '"':
      return readString(scan);
    case 'n':
      return readWord(scan, 'null', null);
    case 't':
      return readWord(scan, 'true', true);
    case 'f':
      return readWord(scan, 'false', false);
    default:
      return readNumber(scan);
  }
}

function readObject(scan: Scan, depth: number): GoObject {
  const members: GoMember[] = [];
  scan.at += 1;
  if (takeIf(scan, '}')) return { kind: 'object', members };
  for (;;) {
    skipBlank(scan);
    if (scan.text[scan.at] !== '"') throw new Malformed();
    const key = readString(scan);
    if (!takeIf(scan, ':')) throw new Malformed();
    members.push([key, readValue(scan, depth + 1)]);
    if (takeIf(scan, '}')) return { kind: 'object', members };
    if (!takeIf(scan, ',')) throw new Malformed();
  }
}

function readArray(scan: Scan, depth: number): readonly GoJson[] {
  const items: GoJson[] = [];
  scan.at += 1;
  if (takeIf(scan, ']')) return items;
  for (;;) {
    items.push(readValue(scan, depth + 1));
    if (takeIf(scan, ']')) return items;
    if (!takeIf(scan, ',')) throw new Malformed();
  }
}

function readString(scan: Scan): string {
  const from = scan.at + 1;
  STRING_STOP.lastIndex = from;
  const stop = STRING_STOP.exec(scan.text);
  if (stop === null) throw new Malformed();
  if (stop[0] === '"') {
    scan.at = stop.index + 1;
    return scan.text.slice(from, stop.index);
  }
  return readEscapedString(scan, from);
}

function readEscapedString(scan: Scan, from: number): string {
  let out = '';
  let at = from;
  for (;;) {
    STRING_STOP.lastIndex = at;
    const stop = STRING_STOP.exec(scan.text);
    if (stop === null) throw new Malformed();
    out += scan.text.slice(at, stop.index);
    if (stop[0] === '"') {
      scan.at = stop.index + 1;
      return out.toWellFormed();
    }
    if (stop[0] !== '\\') throw new Malformed();
    const letter = scan.text[stop.index + 1] ?? '';
    out += letter === 'u' ? unicode(scan.text, stop.index + 2) : escaped(letter);
    at = stop.index + (letter === 'u' ? 6 : 2);
  }
}

function escaped(letter: string): string {
  const char = ESCAPES[letter];
  if (char === undefined) throw new Malformed();
  return char;
}

function unicode(text: string, at: number): string {
  const hex = text.slice(at, at + 4);
  if (!/^[0-9a-fA-F]{4}$/.test(hex)) throw new Malformed();
  return String.fromCharCode(Number.parseInt(hex, 16));
}

function readNumber(scan: Scan): GoNumber {
  NUMBER.lastIndex = scan.at;
  const match = NUMBER.exec(scan.text);
  if (match === null) throw new Malformed();
  scan.at += match[0].length;
  return { kind: 'number', text: match[0] };
}

function readWord<T extends GoJson>(scan: Scan, word: string, value: T): T {
  if (!scan.text.startsWith(word, scan.at)) throw new Malformed();
  scan.at += word.length;
  return value;
}

function takeIf(scan: Scan, char: string): boolean {
  skipBlank(scan);
  if (scan.text[scan.at] !== char) return false;
  scan.at += 1;
  return true;
}

function skipBlank(scan: Scan): void {
  if (scan.text.charCodeAt(scan.at) > 0x20) return;
  BLANK.lastIndex = scan.at;
  BLANK.exec(scan.text);
  scan.at = BLANK.lastIndex;
}
