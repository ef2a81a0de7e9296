import { type Logger, type LoggerOptions, pino } from 'pino';

export type { Logger } from 'pino';

type LogMethod = NonNullable<NonNullable<LoggerOptions['hooks']>['logMethod']>;

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
export function createLog(options: {
  service: string;
  level?: string;
  /** Told of each line that is an alarm: its `alarm` field. */
  onAlarm?: (name: string) => void;
}): Logger {
  const { onAlarm } = options;
  return pino({
    ...(onAlarm === undefined ? {} : { hooks: { logMethod: tellAlarms(onAlarm) } }),
    level: options.level ?? 'info',
    base: { service: options.service },
    redact: { paths: REDACTED, censor: '[redacted]' },
    timestamp: pino.stdTimeFunctions.isoTime,
  });
}

function tellAlarms(onAlarm: (name: string) => void): LogMethod {
  return function tell(args, method) {
    const [fields] = args as unknown[];
    const name = typeof fields === 'object' && fields !== null && 'alarm' in fields && fields.alarm;
    if (typeof name === 'string') onAlarm(name);
    method.apply(this, args);
  };
}
