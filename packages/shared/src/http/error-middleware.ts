import type { Context, Middleware } from 'koa';
import { publicError } from '../errors/codes.ts';
import { ServiceError } from '../errors/service-error.ts';
import type { Logger } from '../log.ts';

/** How a surface writes an error: OAuth, the API-key surface and the APIs differ. */
export type ErrorBody = (error: ServiceError, ctx: Context) => unknown;

/** The body of the APIs: `error` is a code, so that clients which read only `error` have it. */
export const apiErrorBody: ErrorBody = (error, ctx) => ({
  error: error.code,
  error_description: error.publicMessage,
  code: error.code,
  message: error.publicMessage,
  requestId: ctx.state.requestId,
});

/**
 * Turns whatever a handler throws into the surface's body. A fault is logged once, here,
 * with the request's id and route, never with its body or headers.
 */
export function errorMiddleware(options: { log: Logger; body?: ErrorBody }): Middleware {
  const body = options.body ?? apiErrorBody;
  return async (ctx, next) => {
    try {
      await next();
      if (ctx.status === 404 && ctx.body === undefined) throw new ServiceError('not_found');
    } catch (thrown) {
      const error = toServiceError(thrown);
      if (error.status >= 500) {
        const { method, path } = ctx;
        const err = error.cause ?? error;
        options.log.error({ requestId: ctx.state.requestId, method, path, err }, 'request failed');
      }
      if (error.status === 503) ctx.set('Retry-After', '1');
      ctx.status = error.status;
      ctx.body = body(error, ctx);
    }
  };
}

/** Any thrown value as a ServiceError; what is not one already is `internal`. */
export function toServiceError(thrown: unknown): ServiceError {
  if (thrown instanceof ServiceError) return thrown;
  if (isTextOfNoUse(thrown)) return new ServiceError('invalid_request', { cause: thrown });
  if (isConnectionFault(thrown)) return new ServiceError('unavailable', { cause: thrown });
  return new ServiceError('internal', {
    cause: thrown,
    publicMessage: publicError('internal').message,
  });
}

/** A NUL in a text, which PostgreSQL keeps nowhere: the sender's mistake, in whatever field. */
const TEXT_CODES = new Set(['22021', '22P05']);

function isTextOfNoUse(thrown: unknown): boolean {
  return TEXT_CODES.has(String((thrown as { code?: unknown } | null)?.code));
}

const CONNECTION_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'CONNECTION_CLOSED',
  'CONNECTION_ENDED',
  'CONNECT_TIMEOUT',
  'CONNECTION_DESTROYED',
  '57P01',
  '57P03',
  '53300',
]);

function isConnectionFault(thrown: unknown): boolean {
  const code = (thrown as { code?: unknown } | null)?.code;
  return typeof code === 'string' && CONNECTION_CODES.has(code);
}
