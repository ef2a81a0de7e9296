import type { Context, Middleware } from 'koa';
import type { z } from 'zod';
import { ServiceError } from '../errors/service-error.ts';
import { readBody } from './read-body.ts';

/** What a route takes and gives; every part is a schema. */
export type Guard<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType> = {
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  readonly bodyBytesMax?: number;
};

/** The guarded input of a handler. */
export type Guarded<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType> = {
  readonly params: z.infer<P>;
  readonly query: z.infer<Q>;
  readonly body: z.infer<B>;
  /** The body's bytes as received, for idempotency hashes. */
  readonly rawBody: Buffer;
};

const BODY_BYTES_MAX = 65_536;

/**
 * Parses params, query and JSON body before the handler runs.
 *
 * @throws ServiceError `invalid_request` naming the first bad field, `invalid_json`,
 * `body_too_large`.
 */
export function guard<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType>(
  shape: Guard<P, Q, B>,
  handler: (ctx: Context, input: Guarded<P, Q, B>) => Promise<void>,
): Middleware {
  const middleware: Middleware = async (ctx) => {
    const rawBody = shape.body
      ? await readBody(ctx.req, shape.bodyBytesMax ?? BODY_BYTES_MAX)
      : Buffer.alloc(0);
    const input = {
      params: shape.params ? parse(shape.params, ctx.params, 'path') : undefined,
      query: shape.query ? parse(shape.query, { ...ctx.query }, 'query') : undefined,
      body: shape.body ? parse(shape.body, parseJson(rawBody), 'body') : undefined,
      rawBody,
    } as Guarded<P, Q, B>;
    await handler(ctx as Context, input);
  };
  shapes.set(middleware, shape);
  return middleware;
}

const shapes = new WeakMap<Middleware, AnyGuard>();

/** A guard, whatever its parts. */
export type AnyGuard = Guard<z.ZodType, z.ZodType, z.ZodType>;

/** What a handler parses with, so that documents are made of nothing else. */
export function shapeOf(handler: Middleware): AnyGuard {
  return shapes.get(handler) ?? {};
}

function parseJson(bytes: Buffer): unknown {
  if (bytes.length === 0) return {};
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new ServiceError('invalid_json');
  }
}

function parse<S extends z.ZodType>(schema: S, value: unknown, part: string): z.infer<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = [part, ...(issue?.path ?? [])].map(String).join('.');
  throw new ServiceError('invalid_request', {
    publicMessage: `${where}: ${issue?.message ?? 'not valid'}`,
  });
}
