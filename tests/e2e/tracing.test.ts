import { randomBytes } from 'node:crypto';
import { waitFor } from '@clearinghouse/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openApp, type TestApp } from './fixture/open-app.ts';
import { newPaymentSession } from './fixture/pay.ts';
import { type ReceivedSpan, receiveTraces, type TraceReceiver } from './fixture/receive-traces.ts';
import { startTestStack, type TestStack } from './fixture/start-test-stack.ts';

const CREDIT_MICROS = 10_000_000n;
const SECRET_HEADER = 'a secret of the collector';

/** Every span of a payment and the one it is part of, as `service name`. */
const CHAIN: Readonly<Record<string, string>> = {
  'signer POST /generate-live-payment': 'the gateway',
  'signer authenticate': 'signer POST /generate-live-payment',
  'auth verify credentials': 'signer authenticate',
  'signer payment': 'signer POST /generate-live-payment',
  'signer ask hold': 'signer payment',
  'billing hold': 'signer ask hold',
  'signer sign': 'signer payment',
  'signer journal': 'signer payment',
  'signer ask settlement': 'signer payment',
  'billing settle': 'signer ask settlement',
  'billing post to ledger': 'billing settle',
};

type Trace = { readonly traceId: string; readonly spanId: string; readonly header: string };

function newTrace(flags = '01'): Trace {
  const traceId = randomBytes(16).toString('hex');
  const spanId = randomBytes(8).toString('hex');
  return { traceId, spanId, header: `00-${traceId}-${spanId}-${flags}` };
}

async function payTraced(url: string, credential: string, traceparent?: string) {
  const response = await fetch(`${url}/generate-live-payment`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${credential}`, ...(traceparent ? { traceparent } : {}) },
    body: newPaymentSession()(),
  });
  return { status: response.status, text: await response.text() };
}

const nameOf = ({ service, name }: ReceivedSpan) =>
  `${service.replace('clearinghouse-', '')} ${name}`;

describe.each(['redis', 'postgres'] as const)('traces over %s', (backend) => {
  let stack: TestStack;
  let receiver: TraceReceiver;
  let app: TestApp;
  let key: string;
  beforeAll(async () => {
    receiver = await receiveTraces();
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_HEADERS: `x-secret=${encodeURIComponent(SECRET_HEADER)}`,
      OTEL_BSP_SCHEDULE_DELAY: '50',
    };
    stack = await startTestStack({ backend, extra: { auth: env, billing: env, signer: env } });
    app = await openApp(stack, CREDIT_MICROS);
    ({ key } = await app.createKey());
  });
  afterAll(async () => {
    await stack?.stop();
    await receiver?.stop();
  });

  const spansOf = ({ traceId }: Pick<Trace, 'traceId'>) =>
    receiver.spans.filter((span) => span.traceId === traceId);
  const untilSpan = (name: string, trace: Pick<Trace, 'traceId'>) =>
    waitFor(async () => spansOf(trace).find((span) => nameOf(span) === name), {
      what: `the span ${name}`,
      timeoutMs: 30_000,
      intervalMs: 20,
    });

  it('one payment is one trace, from the gateway to the ledger', async () => {
    const trace = newTrace();
    const paid = await payTraced(stack.signerUrl, key, trace.header);
    expect(paid.status, paid.text).toBe(200);
    await Promise.all(Object.keys(CHAIN).map((name) => untilSpan(name, trace)));
    const spans = spansOf(trace);
    expect(spans.map(nameOf).sort()).toEqual(Object.keys(CHAIN).sort());
    const byId = new Map(spans.map((span) => [span.spanId, nameOf(span)]));
    byId.set(trace.spanId, 'the gateway');
    const parents = spans.map((span) => [nameOf(span), byId.get(span.parentSpanId)]);
    expect(Object.fromEntries(parents)).toEqual(CHAIN);
    for (const span of spans) expect(span.endNs).toBeGreaterThanOrEqual(span.startNs);
    const request = spans.find(({ name }) => name === 'POST /generate-live-payment');
    expect(request?.attributes['http.response.status_code']).toBe('200');
    // Both sides tell the same hold.
    const ids = ['signer ask hold', 'billing hold'].map(
      (name) => spans.find((span) => nameOf(span) === name)?.attributes['clearinghouse.hold_id'],
    );
    expect(ids[0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(ids[1]).toBe(ids[0]);
  });

  it('a message of settlements links to the payments that are in it', async () => {
    const token = await app.machineToken();
    const traces = Array.from({ length: 8 }, () => newTrace());
    const paid = await Promise.all(
      traces.map(({ header }) => payTraced(stack.signerUrl, token, header)),
    );
    expect(paid.map(({ status }) => status)).toEqual(traces.map(() => 200));
    await Promise.all(traces.map((trace) => untilSpan('billing hold', trace)));
    const payments = await Promise.all(traces.map((trace) => untilSpan('signer payment', trace)));
    const settlements = () =>
      receiver.spans.filter((span) => nameOf(span) === 'signer ask settlement');
    const linked = () =>
      new Set(settlements().flatMap(({ links }) => links.map(({ spanId }) => spanId)));
    await waitFor(async () => payments.every(({ spanId }) => linked().has(spanId)), {
      what: 'a link to each payment',
      timeoutMs: 30_000,
      intervalMs: 20,
    });
    for (const span of settlements()) {
      expect(span.links.length).toBe(Number(span.attributes['clearinghouse.items']));
      expect(span.links.map(({ spanId }) => spanId)).toContain(span.parentSpanId);
    }
  });

  it('a refusal is told by its code, and begins a trace of its own without a header', async () => {
    const poor = await openApp(stack, 0n);
    const refused = await payTraced(stack.signerUrl, await poor.machineToken());
    expect(refused.status).toBe(402);
    const asked = await waitFor(
      async () =>
        receiver.spans.find(
          (span) => span.attributes['clearinghouse.code'] === 'insufficient_balance',
        ),
      { what: 'the refusal', timeoutMs: 30_000, intervalMs: 20 },
    );
    const request = await untilSpan('signer POST /generate-live-payment', asked);
    expect(request.parentSpanId).toBe('');
    expect(request.attributes['http.response.status_code']).toBe('402');
  });

  it('auth honours the header too, and billing behind it is in the same trace', async () => {
    const trace = newTrace();
    const basic = Buffer.from(
      `${stack.seeded.app.m2mClientId}:${stack.seeded.app.m2mClientSecret}`,
    );
    const response = await fetch(`${stack.authOrigin}/api/v1/apps/${stack.seeded.app.id}/usage`, {
      headers: { traceparent: trace.header, Authorization: `Basic ${basic.toString('base64')}` },
    });
    expect(response.status, await response.text()).toBe(200);
    const outer = await untilSpan('auth GET', trace);
    const inner = await untilSpan('billing GET', trace);
    expect(outer.parentSpanId).toBe(trace.spanId);
    expect(inner.parentSpanId).toBe(outer.spanId);
  });

  it('what its caller does not keep is not kept here', async () => {
    const trace = newTrace('00');
    const token = await app.machineToken();
    expect((await payTraced(stack.signerUrl, token, trace.header)).status).toBe(200);
    const later = newTrace();
    expect((await payTraced(stack.signerUrl, token, later.header)).status).toBe(200);
    await untilSpan('billing post to ledger', later);
    expect(spansOf(trace)).toEqual([]);
  });

  it('a collector that hangs, and one that is away, fail no payment', async () => {
    const hung = await receiveTraces({ hangs: true });
    const token = await app.machineToken();
    for (const endpoint of [hung.url, 'http://127.0.0.1:1']) {
      const url = await stack.start('signer', 'signer-of-bad-collector', {
        OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
        OTEL_BSP_SCHEDULE_DELAY: '1',
        OTEL_BSP_MAX_QUEUE_SIZE: '8',
      });
      const untilPaid = async () => (await payTraced(url, token)).status === 200;
      await waitFor(untilPaid, { what: 'the first payment', timeoutMs: 30_000 });
      const paid = await Promise.all(Array.from({ length: 20 }, () => payTraced(url, token)));
      expect(paid.map(({ status }) => status)).toEqual(paid.map(() => 200));
      await stack.kill('signer-of-bad-collector');
    }
    expect(hung.bodies.length).toBeGreaterThan(0);
    await hung.stop();
  });

  it('no secret, name or path with a name ever went to the collector', async () => {
    const everything = receiver.bodies.join('\n');
    for (const secret of [key, app.clientSecret, await app.machineToken(), SECRET_HEADER]) {
      expect(everything).not.toContain(secret);
    }
    expect(everything).not.toContain(`/apps/${stack.seeded.app.id}`);
    expect(everything).not.toMatch(/lp_sk_|eyJ|0x[0-9a-f]{40}/i);
    expect(receiver.headers.every((headers) => headers['x-secret'] === SECRET_HEADER)).toBe(true);
    const known =
      /^(http\.|error\.type$|clearinghouse\.(items|code|hold_id|replayed|ask_no|app_id|subject)$)/;
    const names = new Set(receiver.spans.flatMap(({ attributes }) => Object.keys(attributes)));
    expect([...names].filter((name) => !known.test(name))).toEqual([]);
  });
});
