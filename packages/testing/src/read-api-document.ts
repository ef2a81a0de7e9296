import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

/** One operation of an OpenAPI document, as far as a test looks into it. */
export type DocumentedOperation = {
  /** The name in the table of routes: `user list`. */
  readonly name: string;
  /** `GET /api/v1/apps/{appId}/users` */
  readonly route: string;
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: object }>> }>
  >;
};

/** Real answers beside what the document says of them. */
export type ApiDocument = {
  readonly operations: readonly DocumentedOperation[];
  /**
   * What is wrong with an answer of an operation; empty when it is as described. One of success is
   * remembered.
   */
  readonly faultsOf: (
    name: string,
    answer: { readonly status: number; readonly body: unknown; readonly headers: Headers },
  ) => readonly string[];
  /** The names of the operations that have answered with success, as described. */
  readonly answered: ReadonlySet<string>;
};

type Documented = Omit<DocumentedOperation, 'name' | 'route'> & { readonly 'x-name': string };

/** Reads the OpenAPI document of an installation. */
export async function readApiDocument(origin: string): Promise<ApiDocument> {
  const response = await fetch(`${origin}/api/v1/openapi.json`);
  const document = (await response.json()) as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, Documented>>>>;
    readonly components: object;
  };
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { 'x-name': name, responses }]) => ({
      name,
      responses,
      route: `${method.toUpperCase()} ${path}`,
    })),
  );
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  (formats as unknown as (on: Ajv2020) => void)(ajv);
  const answered = new Set<string>();
  return {
    operations,
    answered,
    faultsOf: (name, { status, body, headers }) => {
      const operation = operations.find((candidate) => candidate.name === name);
      if (!operation) return [`there is no operation ${name}`];
      const described = operation.responses[status];
      if (!described) return [`${name}: ${status} is not described: ${JSON.stringify(body)}`];
      const faults = faultsOfBody(described.content, { body, headers }, (schema) => {
        const check = ajv.compile({ ...schema, components: document.components });
        return check(body) ? [] : (check.errors ?? []).map((one) => ajv.errorsText([one]));
      });
      if (faults.length === 0 && status < 300) answered.add(name);
      return faults.map((fault) => `${name} ${status}: ${fault}`);
    },
  };
}

function faultsOfBody(
  content: DocumentedOperation['responses'][string]['content'],
  answer: { readonly body: unknown; readonly headers: Headers },
  check: (schema: object) => readonly string[],
): readonly string[] {
  if (!content) return answer.body === '' ? [] : ['a body where none is described'];
  const [type = ''] = (answer.headers.get('content-type') ?? '').split(';');
  const media = content[type];
  return media ? check(media.schema) : [`${type || 'no type'} is not described`];
}
