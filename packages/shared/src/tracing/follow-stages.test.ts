import { AsyncLocalStorage } from 'node:async_hooks';
import * as api from '@opentelemetry/api';
import {
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CurrentTrace } from './current-trace.ts';
import { followStages } from './follow-stages.ts';
import { runStage, STAGES } from './stages.ts';

const parent = (digit: string, flags = '01') =>
  `00-${digit.repeat(32)}-${digit.repeat(16)}-${flags}`;

let exporter: InMemorySpanExporter;
let store: AsyncLocalStorage<CurrentTrace>;
let faults: string[];
let following: { readonly stop: () => void };

beforeEach(() => {
  exporter = new InMemorySpanExporter();
  const spanProcessors = [new SimpleSpanProcessor({ exporter })];
  const tracer = new TracerProvider({ spanProcessors }).getTracer('test');
  store = new AsyncLocalStorage();
  faults = [];
  const onFault = (reason: string) => void faults.push(reason);
  following = followStages({ api, tracer, store, onFault });
});
afterEach(() => {
  following.stop();
  expect(faults).toEqual([]);
});

const spans = () => exporter.getFinishedSpans();

describe('a stage that several callers share', () => {
  it('is a span in each one’s trace, with each one’s result', async () => {
    const answers = [
      { ok: true, holdId: 'hold-a' },
      { ok: true, holdId: 'of nobody' },
      { ok: false, code: 'user_cap' },
    ];
    const parents = [parent('a'), '', parent('c')];
    await runStage(
      STAGES['billing.hold'],
      async () => answers,
      () => ({ parents }),
    );
    const found = spans().map((span) => [span.spanContext().traceId[0], span.attributes]);
    expect(found).toEqual([
      ['a', { 'clearinghouse.hold_id': 'hold-a' }],
      ['c', { 'clearinghouse.code': 'user_cap' }],
    ]);
  });

  it('is no place for what is within it: that would be one caller’s alone', () => {
    const parents = [parent('a'), parent('b')];
    runStage(
      STAGES['billing.hold'],
      () => {
        expect(store.getStore()?.traceParent).toBeUndefined();
      },
      () => ({ parents }),
    );
    expect(spans().length).toBe(2);
  });
});

describe('a stage', () => {
  it('begins a trace only where one may begin', () => {
    runStage(STAGES['signer.sign'], () => 1);
    runStage(
      STAGES['billing.settle'],
      () => 1,
      () => ({ parents: [] }),
    );
    expect(spans()).toEqual([]);
    const request = { 'http.request.method': 'GET' };
    runStage(
      STAGES['signer.request'],
      () => ({ status: 503, isSent: true }),
      () => ({ parents: [undefined], notes: request }),
    );
    expect(spans().map(({ name, status }) => [name, status.code])).toEqual([
      ['GET', api.SpanStatusCode.ERROR],
    ]);
  });

  it('whose caller is not kept is not kept, nor what is within it', () => {
    runStage(
      STAGES['signer.request'],
      () => runStage(STAGES['signer.sign'], () => ({ status: 200, isSent: true })),
      () => ({ parents: [parent('a', '00')] }),
    );
    expect(spans()).toEqual([]);
  });

  it('tells the kind of a fault and none of its words', async () => {
    const fault = new TypeError('with a secret in it');
    const running = runStage(
      STAGES['billing.settle'],
      () => Promise.reject(fault),
      () => ({ parents: [parent('a')] }),
    );
    await expect(running).rejects.toBe(fault);
    const [span] = spans();
    expect(span?.attributes).toEqual({ 'error.type': 'TypeError' });
    expect(span?.status).toEqual({ code: api.SpanStatusCode.ERROR });
    expect(span?.events).toEqual([]);
  });
});
