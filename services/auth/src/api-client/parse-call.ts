import { parseArgs } from 'node:util';
import type { ApiOperation, Field, FieldSchema } from './read-operations.ts';

/** A request that a command line asks for. */
export type ApiCall = {
  readonly operation: ApiOperation;
  /** Path and query. */
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>> | undefined;
  readonly idempotencyKey: string | undefined;
  readonly asJson: boolean;
};

/** What was asked for cannot be: the text says what could be. */
export class UsageFault extends Error {}

/**
 * Reads `app create --name Shop`: the words of an operation, its path's parameters in their order,
 * everything else by its name.
 *
 * @throws UsageFault
 */
export function parseCall(operations: readonly ApiOperation[], args: readonly string[]): ApiCall {
  const operation = findOperation(operations, args);
  if (!operation) throw new UsageFault(listOperations(operations, args));
  const words = operation.name.split(' ').length;
  const { values, positionals } = readFlags(operation, args.slice(words));
  if (values.help === true) throw new UsageFault(describe(operation));
  const { pathNames } = operation;
  if (positionals.length !== pathNames.length) throw new UsageFault(describe(operation));
  const path = pathNames.reduce(
    (text, name, index) => text.replace(`{${name}}`, encodeURIComponent(positionals[index] ?? '')),
    operation.path,
  );
  const query = new URLSearchParams();
  for (const { name } of operation.query) {
    const value = values[name];
    if (typeof value === 'string') query.set(name, value);
  }
  const body = Object.fromEntries(
    operation.body.flatMap((field) => {
      const value = values[field.name];
      return typeof value === 'string' ? [[field.name, readValue(field, value)]] : [];
    }),
  );
  const key = values['idempotency-key'];
  return {
    operation,
    path: query.size === 0 ? path : `${path}?${query}`,
    body: operation.hasBody ? body : undefined,
    idempotencyKey: typeof key === 'string' ? key : undefined,
    asJson: values.json === true,
  };
}

/** The longest name that the words begin with. */
function findOperation(operations: readonly ApiOperation[], args: readonly string[]) {
  const fits = ({ name }: ApiOperation) =>
    name.split(' ').every((word, index) => args[index] === word);
  return operations.filter(fits).sort((a, b) => b.name.length - a.name.length)[0];
}

type Flags = {
  readonly values: {
    readonly help?: boolean;
    readonly json?: boolean;
    readonly [name: string]: string | boolean | undefined;
  };
  readonly positionals: readonly string[];
};

function readFlags(operation: ApiOperation, args: readonly string[]): Flags {
  const names = [...operation.query, ...operation.body].map(({ name }) => name);
  const texts = [...names, 'idempotency-key'].map((name) => [name, { type: 'string' }] as const);
  const flags = ['json', 'help'].map((name) => [name, { type: 'boolean' }] as const);
  try {
    const options = Object.fromEntries([...texts, ...flags]);
    return parseArgs({ args: [...args], options, allowPositionals: true }) as Flags;
  } catch (error) {
    const why = error instanceof Error ? error.message : 'not understood';
    throw new UsageFault(`${why}\n\n${describe(operation)}`);
  }
}

function typesOf({ type, anyOf }: FieldSchema): string[] {
  return [type ?? [], ...(anyOf ?? []).map(typesOf)].flat();
}

function readValue({ name, schema }: Field, text: string): unknown {
  const types = typesOf(schema);
  if (text === 'null' && types.includes('null')) return null;
  if (types.length === 0 || types.includes('string')) return text;
  if (types.includes('array') && !text.startsWith('[')) return text.split(',');
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageFault(`--${name}: ${types.join(' or ')} as JSON`);
  }
}

/** How one operation is asked for. */
export function describe(operation: ApiOperation): string {
  const places = operation.pathNames.map((name) => ` ${name.toUpperCase()}`).join('');
  const flags = [...operation.query, ...operation.body].map(
    ({ name, isRequired, schema }) =>
      `  --${name.padEnd(24)} ${typesOf(schema).join(' or ')}${valuesOf(schema)}${isRequired ? '; needed' : ''}`,
  );
  const once = operation.isOnce ? ['  --idempotency-key         made up unless told'] : [];
  const usage = `usage: admin ${operation.name}${places}${flags.length > 0 ? ' [flags]' : ''}`;
  return [operation.summary, '', usage, ...flags, ...once, '  --json'].join('\n');
}

function valuesOf(schema: FieldSchema): string {
  const values = schema.enum ?? schema.items?.enum;
  return values ? `: ${values.join(' | ')}` : '';
}

function listOperations(operations: readonly ApiOperation[], args: readonly string[]): string {
  const [noun] = args;
  const near = operations.filter(({ name }) => name.split(' ')[0] === noun);
  const shown = near.length > 0 ? near : operations;
  const lines = shown.map(({ name, pathNames, summary }) => {
    const call = [name, ...pathNames.map((one) => one.toUpperCase())].join(' ');
    return `  ${call.padEnd(44)} ${summary}`;
  });
  return ['usage: admin NOUN VERB … [--json] [--help]', '', ...lines].join('\n');
}
