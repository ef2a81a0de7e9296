/** A number of JSON as it was written: a price must not pass through a float. */
export class JsonNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** `JSON.parse` hands its reviver the text of a number, and `JSON.rawJSON` writes one. */
type WithSource = {
  readonly parse: (
    text: string,
    reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
  ) => unknown;
  readonly rawJSON: (text: string) => unknown;
};

const json = JSON as unknown as WithSource;

/**
 * Reads JSON in which numbers of these names stay the text that they came as.
 *
 * @returns undefined for what is no JSON.
 */
export function parseExactJson(text: string, names: ReadonlySet<string>): unknown {
  try {
    return json.parse(text, (name, value, { source }) =>
      typeof value === 'number' && source !== undefined && names.has(name)
        ? new JsonNumber(source)
        : value,
    );
  } catch {
    return undefined;
  }
}

/** Writes JSON, such numbers as they came. */
export function writeExactJson(value: unknown): string {
  return JSON.stringify(value, (_name, one: unknown) =>
    one instanceof JsonNumber ? json.rawJSON(one.text) : one,
  );
}
