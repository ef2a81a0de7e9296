import { type Logger, pino } from 'pino';

export type { Logger } from 'pino';

/** Field names that may hold a secret; pino blanks them wherever they stand one level deep. */
const REDACTED = [
  'authorization',
  'token',
  'accessToken',
  'apiKey',
  'key',
  'secret',
  'password',
  'signature',
  'sig',
  'body',
  'state',
  'mac',
].flatMap((name) => [name, `*.${name}`]);

/**
 * A structured logger. Handlers log names, ids, codes and counts; never tokens, keys,
 * signatures or bodies. The redaction list is a second line of defence, not the first.
 */
export function createLog(options: { service: string; level?: string }): Logger {
  return pino({
    level: options.level ?? 'info',
    base: { service: options.service },
    redact: { paths: REDACTED, censor: '[redacted]' },
    timestamp: pino.stdTimeFunctions.isoTime,
  });
}
