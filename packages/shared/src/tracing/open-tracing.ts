import type { Logger } from '../log.ts';
import type { ServiceName } from '../queue/queues.ts';
import { createQuietLog } from '../queue/quiet-log.ts';
import { currentTraces } from './current-trace.ts';
import { followStages } from './follow-stages.ts';
import type { TracingConfig } from './tracing-config.ts';

/** Traces that are on; `stop` sends what waits, within a bound. */
export type Tracing = { readonly stop: () => Promise<void> };

/** How long stopping waits for a collector; spans that are not out by then are lost. */
const STOP_MS_MAX = 1_000;
/** Requests to the collector under way at once. */
const EXPORTS_MAX = 2;
const REASON_CHARS_MAX = 200;

/**
 * Turns traces on: listens to the stages, and sends a span for each to an OpenTelemetry collector
 * (OTLP over HTTP). Without a configuration it does nothing, and neither SDK nor exporter is
 * loaded. What the collector does not take is kept up to `queueMax` spans and then dropped: no
 * work ever waits for it.
 */
export async function openTracing(input: {
  readonly config: TracingConfig | undefined;
  readonly service: ServiceName;
  readonly log: Logger;
}): Promise<Tracing> {
  const { config, service, log } = input;
  if (config === undefined) return { stop: async () => undefined };
  const [api, sdk, { OTLPTraceExporter }, resources] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
  ]);
  const warn = createQuietLog(log);
  const onFault = (reason: string) => warn('traces are not complete', reason);
  listenToDiagnostics(api, onFault);
  const { url, headers, timeoutMs } = config;
  const exporter = new OTLPTraceExporter({
    url,
    headers: { ...headers },
    timeoutMillis: timeoutMs,
    concurrencyLimit: EXPORTS_MAX,
  });
  const provider = new sdk.TracerProvider({
    resource: resources.defaultResource().merge(
      resources.resourceFromAttributes({
        ...config.resource,
        'service.name': config.serviceName ?? `clearinghouse-${service}`,
      }),
    ),
    sampler: samplerOf(sdk, config),
    spanLimits: { linkCountLimit: LINKS_MAX },
    spanProcessors: [
      new sdk.BatchSpanProcessor({
        exporter,
        maxQueueSize: config.queueMax,
        maxExportBatchSize: config.batchMax,
        scheduledDelayMillis: config.delayMs,
        exportTimeoutMillis: timeoutMs,
      }),
    ],
  });
  const following = followStages({
    api,
    tracer: provider.getTracer('clearinghouse'),
    store: currentTraces,
    onFault,
  });
  log.info({ collector: new URL(url).host, sampler: config.sampler }, 'traces are on');
  return {
    stop: async () => {
      following.stop();
      await within(STOP_MS_MAX, provider.shutdown()).catch(() => onFault('not sent at the end'));
    },
  };
}

/** Of one span: a message of settlements has up to 500. */
const LINKS_MAX = 500;

type Sdk = typeof import('@opentelemetry/sdk-trace');
type Api = typeof import('@opentelemetry/api');

function samplerOf(sdk: Sdk, { sampler, samplerRatio }: TracingConfig) {
  const name = sampler.replace('parentbased_', '');
  const own =
    name === 'always_on'
      ? new sdk.AlwaysOnSampler()
      : name === 'always_off'
        ? new sdk.AlwaysOffSampler()
        : new sdk.TraceIdRatioBasedSampler(samplerRatio);
  return sampler === name ? own : new sdk.ParentBasedSampler({ root: own });
}

/** What the libraries have to say of their own faults goes to our log, now and then. */
function listenToDiagnostics(api: Api, onFault: (reason: string) => void): void {
  const tell = (...said: unknown[]) => onFault(reasonOf(said[0]));
  const silent = () => undefined;
  api.diag.setLogger(
    { error: tell, warn: tell, info: silent, debug: silent, verbose: silent },
    { logLevel: api.DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
}

/** Faults come as JSON with a stack and the collector's answer: name, code and message are enough. */
function reasonOf(said: unknown): string {
  const text = typeof said === 'string' ? said : 'unknown';
  try {
    const { name, code, message } = JSON.parse(text) as Record<string, unknown>;
    const words = [name, code, message].filter((word) => word !== undefined);
    return words.join(' ').slice(0, REASON_CHARS_MAX);
  } catch {
    return text.slice(0, REASON_CHARS_MAX);
  }
}

async function within(timeoutMs: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((_, reject) => {
    timer = setTimeout(() => reject(new Error('too late')), timeoutMs);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}
