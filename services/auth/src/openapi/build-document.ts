import { type ErrorCode, publicError } from '@clearinghouse/shared';
import { z } from 'zod';
import { type AnswerBody, type Described, TAGS } from './operation.ts';

type Json = Readonly<Record<string, unknown>>;

const PARAM = /:([A-Za-z]+)/g;

/** Makes the OpenAPI 3.1 document of all operations; their schemas are those that parse. */
export function buildDocument(
  operations: readonly Described[],
  installation: { readonly origin: string; readonly issuer: string; readonly version: string },
): Json {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of operations) {
    const path = operation.path.replaceAll(PARAM, '{$1}');
    paths[path] ??= {};
    paths[path][operation.method.toLowerCase()] = toOperation(operation);
  }
  const { origin, issuer, version } = installation;
  return {
    openapi: '3.1.1',
    info: {
      title: 'Clearinghouse management API',
      version,
      description:
        'Money is decimal text: wei, or micro-USD (`…Micros`). Lists answer `next`: its member is ' +
        'the query parameter of the following page, null at the end.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: origin }],
    externalDocs: {
      description: 'The OpenID issuer describes itself',
      url: `${issuer}/.well-known/openid-configuration`,
    },
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: { schemas: { Error: ERROR }, securitySchemes: securitySchemes(issuer) },
  };
}

const ERROR: Json = {
  type: 'object',
  required: ['error', 'message'],
  properties: {
    error: { type: 'string', description: 'The code, or the word of the surface.' },
    error_description: { type: 'string' },
    code: { type: 'string', description: 'Stable; see docs/errors.md.' },
    message: { type: 'string' },
    requestId: { type: 'string' },
  },
};

function securitySchemes(issuer: string): Json {
  const scopes = Object.fromEntries(
    'users:read users:write users:token keys:write clients:write usage:read audit:read admin'
      .split(' ')
      .map((scope) => [scope, '']),
  );
  return {
    token: {
      type: 'oauth2',
      description: 'A management token, audience `{origin}/api/v1`.',
      flows: { clientCredentials: { tokenUrl: `${issuer}/token`, scopes } },
    },
    client: { type: 'http', scheme: 'basic', description: 'Client id and secret.' },
    person: { type: 'http', scheme: 'bearer', description: 'A person’s token, scope `manage`.' },
    user: { type: 'http', scheme: 'bearer', description: 'The token of a user of an app.' },
  };
}

function toOperation(operation: Described): Json {
  const { name, tag, summary, about, access, answers, alsoAs, form, input } = operation;
  const body = form ?? input.body;
  return {
    operationId: name.replaceAll(/[ -]([a-z])/g, (_all, letter: string) => letter.toUpperCase()),
    tags: [tag],
    summary,
    ...(about === undefined ? {} : { description: about }),
    ...(access.who === 'open' ? { security: [] } : { security: securityOf(access) }),
    'x-access': access,
    'x-name': name,
    parameters: parametersOf(operation),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: form !== undefined || !accepts(body, {}),
            content: { [form ? FORM : 'application/json']: { schema: schemaOf(body, 'input') } },
          },
        }),
    responses: {
      ...Object.fromEntries(
        Object.entries(answers).map(([code, one]) => [code, answerOf(one, alsoAs)]),
      ),
      ...refusals(operation),
    },
  };
}

const FORM = 'application/x-www-form-urlencoded';

function securityOf(access: Described['access']): readonly Json[] {
  if (access.who === 'user') return [{ user: [] }];
  if (access.who === 'person') return [{ person: [] }];
  const scope = access.who === 'admin' ? 'admin' : (access as { scope?: string }).scope;
  return [{ token: scope === undefined ? [] : [scope] }, { client: [] }, { person: [] }];
}

function parametersOf({ path, input, once }: Described): readonly Json[] {
  const named = propertiesOf(input.params);
  const inPath = [...path.matchAll(PARAM)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: named.properties[name] ?? { type: 'string' },
  }));
  const query = propertiesOf(input.query);
  const inQuery = Object.entries(query.properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: query.required.includes(name),
    schema,
  }));
  const key = {
    name: 'Idempotency-Key',
    in: 'header',
    required: once === 'required',
    description: 'The same key twice does it once.',
    schema: { type: 'string', minLength: 1, maxLength: 255 },
  };
  return [...inPath, ...inQuery, ...(once === undefined ? [] : [key])];
}

function propertiesOf(schema: z.ZodType | undefined): {
  properties: Readonly<Record<string, unknown>>;
  required: readonly string[];
} {
  if (!schema) return { properties: {}, required: [] };
  const { properties = {}, required = [] } = schemaOf(schema, 'input') as {
    properties?: Record<string, unknown>;
    required?: string[];
  };
  return { properties, required };
}

function answerOf(body: AnswerBody, alsoAs: string | undefined): Json {
  if (!('type' in body && !('safeParse' in body))) {
    const schema = schemaOf(body as z.ZodType, 'output');
    const also = alsoAs === undefined ? {} : { [alsoAs]: { schema: { type: 'string' } } };
    return { description: 'Done.', content: { 'application/json': { schema }, ...also } };
  }
  if (body.type === '') return { description: 'Done; nothing more is said.' };
  return { description: 'Done.', content: { [body.type]: { schema: { type: 'string' } } } };
}

/** Every refusal by its status, with the codes that it may carry. */
function refusals(operation: Described): Json {
  const { answers } = operation;
  const byStatus = Map.groupBy(codesOf(operation), (code) => publicError(code).status);
  const known = [...byStatus].filter(([status]) => !(status in answers));
  return Object.fromEntries(
    known.map(([status, codes]) => [
      status,
      {
        description: codes.map((code) => `\`${code}\`: ${publicError(code).message}`).join(' '),
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
      },
    ]),
  );
}

/** The codes of an operation: its own, and those that follow from access and input. */
export function codesOf({ access, input, codes = [], once, form }: Described): ErrorCode[] {
  const all: ErrorCode[] = [...codes, 'unavailable', 'internal'];
  if (input.params || input.query || input.body || form) all.push('invalid_request');
  if (input.body || form) all.push('body_too_large');
  if (input.body) all.push('invalid_json');
  if (once) all.push('idempotency_mismatch');
  if (once === 'required') all.push('idempotency_key_required');
  if (access.who !== 'open') {
    all.push('invalid_token', 'invalid_client', 'insufficient_scope', 'suspended');
  }
  if (access.who === 'app') all.push('not_found');
  return [...new Set(all)].sort();
}

function accepts(schema: z.ZodType, value: unknown): boolean {
  return schema.safeParse(value).success;
}

/** A schema as JSON Schema 2020-12, which is what OpenAPI 3.1 speaks. */
function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    target: 'draft-2020-12',
  });
  return rest as Json;
}
