import { z } from 'zod';
import { flagEnv } from '../config/env-fields.ts';

const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

const whole = (least: number, most: number) => z.coerce.number().int().min(least).max(most);
const collector = z.url({ protocol: /^https?$/ });

/** `name=value,name=value`, values percent-encoded. */
const pairs = z.string().transform((text, ctx): Readonly<Record<string, string>> => {
  const entries = text.split(',').map((part) => {
    const at = part.indexOf('=');
    return [part.slice(0, Math.max(at, 0)).trim(), decode(part.slice(at + 1).trim())] as const;
  });
  if (entries.every(([name, value]) => name !== '' && value !== undefined)) {
    return Object.fromEntries(entries) as Record<string, string>;
  }
  ctx.addIssue({ code: 'custom', message: 'name=value, comma between, values percent-encoded' });
  return z.NEVER;
});

const LIMITS = { queueMax: 65_536, delayMaxMs: 60_000, timeoutMaxMs: 60_000 } as const;

/** Variables of traces, those of OpenTelemetry; off unless an endpoint is set. */
export const tracingShape = {
  OTEL_EXPORTER_OTLP_ENDPOINT: collector.optional(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: collector.optional(),
  OTEL_EXPORTER_OTLP_HEADERS: pairs.optional(),
  OTEL_EXPORTER_OTLP_TIMEOUT: whole(1, LIMITS.timeoutMaxMs).default(10_000),
  OTEL_EXPORTER_OTLP_PROTOCOL: z.literal('http/json').default('http/json'),
  OTEL_SDK_DISABLED: flagEnv.default(false),
  OTEL_SERVICE_NAME: z.string().max(128).optional(),
  OTEL_RESOURCE_ATTRIBUTES: pairs.optional(),
  OTEL_TRACES_SAMPLER: z.enum(SAMPLERS).default('parentbased_always_on'),
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).default(1),
  OTEL_BSP_MAX_QUEUE_SIZE: whole(1, LIMITS.queueMax).default(2_048),
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: whole(1, LIMITS.queueMax).default(512),
  OTEL_BSP_SCHEDULE_DELAY: whole(1, LIMITS.delayMaxMs).default(5_000),
};

type Raw = z.infer<z.ZodObject<typeof tracingShape>>;

/** Where traces go, and which. */
export type TracingConfig = {
  /** The collector's URL for traces, its path included. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly serviceName: string | undefined;
  readonly resource: Readonly<Record<string, string>>;
  readonly sampler: (typeof SAMPLERS)[number];
  readonly samplerRatio: number;
  readonly queueMax: number;
  readonly batchMax: number;
  readonly delayMs: number;
};

/** The configuration of traces; `undefined` when there are none. */
export function tracingOf(raw: Raw): TracingConfig | undefined {
  const url = tracesUrlOf(raw);
  if (url === undefined) return undefined;
  const queueMax = raw.OTEL_BSP_MAX_QUEUE_SIZE;
  return {
    url,
    headers: raw.OTEL_EXPORTER_OTLP_HEADERS ?? {},
    timeoutMs: raw.OTEL_EXPORTER_OTLP_TIMEOUT,
    serviceName: raw.OTEL_SERVICE_NAME,
    resource: raw.OTEL_RESOURCE_ATTRIBUTES ?? {},
    sampler: raw.OTEL_TRACES_SAMPLER,
    samplerRatio: raw.OTEL_TRACES_SAMPLER_ARG,
    queueMax,
    batchMax: Math.min(raw.OTEL_BSP_MAX_EXPORT_BATCH_SIZE, queueMax),
    delayMs: raw.OTEL_BSP_SCHEDULE_DELAY,
  };
}

/** OTLP over HTTP: the common endpoint gets the path of traces, their own is taken as it is. */
function tracesUrlOf(raw: Raw): string | undefined {
  if (raw.OTEL_SDK_DISABLED) return undefined;
  const { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: own, OTEL_EXPORTER_OTLP_ENDPOINT: common } = raw;
  if (own !== undefined) return own;
  return common === undefined ? undefined : `${common.replace(/\/+$/, '')}/v1/traces`;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
