import type { AsyncLocalStorage } from 'node:async_hooks';
import type { Attributes, Context, Link, Span, SpanContext, Tracer } from '@opentelemetry/api';
import type { CurrentTrace } from './current-trace.ts';
import { SPANS, type SpanShape } from './span-table.ts';
import { STAGES, type Stage, type StageEvent, type StageName } from './stages.ts';
import { formatTraceParent, parseTraceParent } from './trace-parent.ts';
import type { RequestResult } from './watch-requests.ts';

type Api = typeof import('@opentelemetry/api');

export type FollowDeps = {
  readonly api: Api;
  readonly tracer: Tracer;
  readonly store: AsyncLocalStorage<CurrentTrace>;
  readonly onFault: (reason: string) => void;
};

/** What stands in the store while a stage runs. */
type Kept = CurrentTrace & { readonly context: Context | undefined };

/** The spans of a stage under way: one for each caller, in the callers' order. */
type StartedSpans = WeakMap<object, readonly (Span | undefined)[]>;

const NOTHING: Kept = { traceParent: undefined, context: undefined };
const LEAST_SERVER_ERROR = 500;

/**
 * Makes spans of stages. Whatever goes wrong here is told and goes no further: the work is never
 * touched.
 */
export function followStages(deps: FollowDeps): { readonly stop: () => void } {
  const spans: StartedSpans = new WeakMap();
  const stops = Object.entries(SPANS).map(([name, shape]) => {
    const stage = STAGES[name as StageName];
    return followStage(deps, { stage, shape, spans });
  });
  return {
    stop: () => {
      for (const stop of stops) stop();
    },
  };
}

function followStage(
  deps: FollowDeps,
  input: { stage: Stage; shape: SpanShape; spans: StartedSpans },
): () => void {
  const { stage, shape, spans } = input;
  const { store, onFault } = deps;
  const enter = (message: unknown): CurrentTrace => {
    const event = message as StageEvent;
    try {
      const started = startSpans(deps, shape, event);
      spans.set(event, started);
      return keep(deps.api, started);
    } catch (error) {
      onFault(nameOf(error));
      return NOTHING;
    }
  };
  const leave = (message: unknown) => {
    const event = message as StageEvent;
    try {
      spans.get(event)?.forEach((span, index) => {
        if (span) endSpan(deps.api, span, event, index);
      });
    } catch (error) {
      onFault(nameOf(error));
    }
  };
  stage.start.bindStore(store, enter);
  stage.end.subscribe(leave);
  return () => {
    stage.start.unbindStore(store);
    stage.end.unsubscribe(leave);
  };
}

/** One span for each caller, in the caller's own trace; only those that are kept. */
function startSpans(
  deps: FollowDeps,
  shape: SpanShape,
  event: StageEvent,
): readonly (Span | undefined)[] {
  const contexts = contextsOf(deps, shape, event);
  if (contexts.length === 0) return [];
  const { api, tracer } = deps;
  const options = {
    kind: api.SpanKind[KINDS[shape.kind]],
    attributes: attributesOf(event.notes),
    links: linksOf(api, event.links),
  };
  const name = nameOfSpan(shape, event);
  return contexts.map((context) => context && tracer.startSpan(name, options, context));
}

const KINDS = { internal: 'INTERNAL', server: 'SERVER', client: 'CLIENT' } as const;

function contextsOf(
  { api, store }: FollowDeps,
  shape: SpanShape,
  event: StageEvent,
): readonly (Context | undefined)[] {
  if (event.parents === undefined) {
    const { context } = (store.getStore() as Kept | undefined) ?? NOTHING;
    return context ? [context] : [];
  }
  const contexts = event.parents.map((parent) => {
    const found = remoteContext(parent);
    return found && api.trace.setSpanContext(api.ROOT_CONTEXT, found);
  });
  return shape.isRoot && contexts.every((context) => !context) ? [api.ROOT_CONTEXT] : contexts;
}

/** What stands in the store: the one span under way, when there is just one. */
function keep(api: Api, started: readonly (Span | undefined)[]): Kept {
  const [span, second] = started.filter((one) => one !== undefined);
  if (!span || second) return NOTHING;
  const { traceId, spanId, traceFlags } = span.spanContext();
  const isSampled = (traceFlags & api.TraceFlags.SAMPLED) !== 0;
  if (!isSampled) return NOTHING;
  return {
    traceParent: formatTraceParent({ traceId, spanId, isSampled }),
    context: api.trace.setSpan(api.ROOT_CONTEXT, span),
  };
}

function linksOf(api: Api, links: StageEvent['links']): Link[] {
  return (links ?? []).flatMap((link) => {
    const context = remoteContext(link);
    return context && api.isSpanContextValid(context) ? [{ context }] : [];
  });
}

function remoteContext(traceParent: string | undefined): SpanContext | undefined {
  const parsed = parseTraceParent(traceParent);
  if (!parsed) return undefined;
  const { traceId, spanId, isSampled } = parsed;
  return { traceId, spanId, traceFlags: isSampled ? 1 : 0, isRemote: true };
}

function endSpan(api: Api, span: Span, event: StageEvent, index: number): void {
  const { result, error, notes } = event;
  span.setAttributes(attributesOf(notes));
  span.setAttributes(resultAttributes(Array.isArray(result) ? result[index] : result));
  const isRequest = notes?.['http.request.method'] !== undefined;
  const status = isRequest ? (result as RequestResult).status : 0;
  if (isRequest) span.setAttribute('http.response.status_code', status);
  const isFault = error !== undefined || status >= LEAST_SERVER_ERROR;
  if (isFault) span.setStatus({ code: api.SpanStatusCode.ERROR });
  if (error !== undefined) span.setAttribute('error.type', nameOf(error));
  span.end();
}

/** Only what is known to be harmless: the code of a refusal, the id of a hold. */
function resultAttributes(result: unknown): Attributes {
  if (typeof result !== 'object' || result === null) return {};
  const { ok, code, holdId, replayed } = result as Readonly<Record<string, unknown>>;
  return {
    ...(ok === false && typeof code === 'string' ? { 'clearinghouse.code': code } : {}),
    ...(typeof holdId === 'string' ? { 'clearinghouse.hold_id': holdId } : {}),
    ...(replayed === true ? { 'clearinghouse.replayed': true } : {}),
  };
}

function attributesOf(notes: StageEvent['notes']): Attributes {
  return Object.fromEntries(
    Object.entries(notes ?? {}).filter(([, value]) => value !== undefined),
  ) as Attributes;
}

function nameOfSpan(shape: SpanShape, { notes }: StageEvent): string {
  const method = notes?.['http.request.method'];
  if (method === undefined) return shape.name;
  const route = notes?.['http.route'];
  return route === undefined ? String(method) : `${method} ${route}`;
}

/** The kind of a fault; its words may hold anything. */
function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown';
}
