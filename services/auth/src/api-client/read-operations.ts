import { z } from 'zod';

/** A field of a body or query, as its JSON Schema has it. */
export type Field = {
  readonly name: string;
  readonly isRequired: boolean;
  readonly schema: FieldSchema;
};

/** As much of JSON Schema as tells how a text is to be read. */
export type FieldSchema = {
  readonly type?: string | readonly string[] | undefined;
  readonly enum?: readonly unknown[] | undefined;
  readonly anyOf?: readonly FieldSchema[] | undefined;
  readonly items?: FieldSchema | undefined;
  readonly default?: unknown;
};

/** What can be asked of the API. */
export type ApiOperation = {
  /** Noun and verb: `app create`. */
  readonly name: string;
  readonly method: string;
  /** With its parameters in braces. */
  readonly path: string;
  readonly summary: string;
  readonly pathNames: readonly string[];
  readonly query: readonly Field[];
  readonly body: readonly Field[];
  readonly hasBody: boolean;
  /** Reads an Idempotency-Key. */
  readonly isOnce: boolean;
};

const schemaSchema: z.ZodType<FieldSchema> = z.lazy(() =>
  z.object({
    type: z.union([z.string(), z.array(z.string())]).optional(),
    enum: z.array(z.unknown()).optional(),
    anyOf: z.array(schemaSchema).optional(),
    items: schemaSchema.optional(),
    default: z.unknown().optional(),
  }),
);
const bodySchema = z.object({
  properties: z.record(z.string(), schemaSchema).default({}),
  required: z.array(z.string()).default([]),
});
const operationSchema = z.object({
  'x-name': z.string(),
  'x-access': z.object({ who: z.string() }),
  summary: z.string(),
  parameters: z
    .array(
      z.object({
        name: z.string(),
        in: z.string(),
        required: z.boolean().default(false),
        schema: schemaSchema.default({}),
      }),
    )
    .default([]),
  requestBody: z
    .object({ content: z.record(z.string(), z.object({ schema: bodySchema.optional() })) })
    .optional(),
});
const documentSchema = z.object({
  paths: z.record(z.string(), z.record(z.string(), z.unknown())),
});

/** Whom a machine with a token or a client's secret can be. */
const OURS = new Set(['app', 'admin']);
const JSON_TYPE = 'application/json';

/**
 * Reads what an installation's own document says can be asked of it.
 *
 * @throws Error when it is no such document.
 */
export function readOperations(document: unknown): ApiOperation[] {
  const { paths } = documentSchema.parse(document);
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, value]) => {
      const parsed = operationSchema.safeParse(value);
      if (!parsed.success || !OURS.has(parsed.data['x-access'].who)) return [];
      const { parameters, requestBody, summary, 'x-name': name } = parsed.data;
      const at = (place: string) => parameters.filter((one) => one.in === place);
      const body = requestBody?.content[JSON_TYPE]?.schema;
      return {
        name,
        method: method.toUpperCase(),
        path,
        summary,
        pathNames: at('path').map((one) => one.name),
        query: at('query').map((one) => ({ ...one, isRequired: one.required })),
        body: Object.entries(body?.properties ?? {}).map(([field, schema]) => ({
          name: field,
          schema,
          isRequired: body?.required.includes(field) ?? false,
        })),
        hasBody: body !== undefined,
        isOnce: at('header').some((one) => one.name === 'Idempotency-Key'),
      };
    }),
  );
}
