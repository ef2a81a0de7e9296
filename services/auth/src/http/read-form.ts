import { readBody, ServiceError } from '@clearinghouse/shared';
import type { Context } from 'koa';
import { LIMITS } from '../limits.ts';

const FORM = 'application/x-www-form-urlencoded';

/** The parameters of a form: each once, but for those that may be repeated. */
export type Form = {
  readonly one: (name: string) => string | undefined;
  readonly many: (name: string) => string[];
};

/**
 * Reads a form body.
 *
 * @throws ServiceError `invalid_request` for another content type or a repeated parameter,
 * `body_too_large`.
 */
export async function readForm(ctx: Context, repeatable: readonly string[]): Promise<Form> {
  if (ctx.is(FORM) !== FORM) {
    throw new ServiceError('invalid_request', { publicMessage: `content-type must be ${FORM}` });
  }
  const bytes = await readBody(ctx.req, LIMITS.bodyBytesMax);
  const params = new URLSearchParams(bytes.toString('utf8'));
  const seen = new Set<string>();
  for (const name of params.keys()) {
    if (seen.has(name) && !repeatable.includes(name)) {
      throw new ServiceError('invalid_request', { publicMessage: `${name} must not be repeated` });
    }
    seen.add(name);
  }
  return {
    // RFC 6749, 3.1: a parameter without a value is as if it were left out.
    one: (name) => params.get(name) || undefined,
    many: (name) => params.getAll(name).filter((value) => value !== ''),
  };
}
