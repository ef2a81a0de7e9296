import { ServiceError } from '@clearinghouse/shared';
import type { z } from 'zod';

/**
 * Parses one part of a request.
 *
 * @throws ServiceError `invalid_request` naming the first bad field; `invalid_amount` when that
 * field is an amount of money.
 */
export function parseInput<S extends z.ZodType>(
  schema: S,
  value: unknown,
  part: string,
): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = String(issue?.path.at(-1) ?? '');
  const publicMessage = `${[part, ...(issue?.path ?? [])].join('.')}: ${issue?.message ?? ''}`;
  const isAmount = field === 'amountMicros' || field === 'limit';
  throw new ServiceError(isAmount ? 'invalid_amount' : 'invalid_request', { publicMessage });
}

/**
 * Parses a JSON body.
 *
 * @throws ServiceError `invalid_json`, and what {@link parseInput} throws.
 */
export function parseBody<S extends z.ZodType>(schema: S, rawBody: Buffer): z.output<S> {
  let value: unknown;
  try {
    value = JSON.parse(rawBody.toString('utf8'));
  } catch {
    throw new ServiceError('invalid_json');
  }
  return parseInput(schema, value, 'body');
}
