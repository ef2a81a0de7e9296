import { Counter } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { createRegistry, latencyHistogram, readGauge } from './create-registry.ts';
import { listenMetrics } from './listen-metrics.ts';

describe('metrics of a service', () => {
  const serve = async () => {
    const registry = createRegistry();
    const server = await listenMetrics({ host: '127.0.0.1', port: 0 }, registry);
    if (!server) throw new Error('not listening');
    const get = (path: string, method = 'GET') =>
      fetch(`http://127.0.0.1:${server.port}${path}`, { method });
    return { registry, get, stop: server.stop };
  };

  it('are told on their own port, at /metrics and nowhere else', async () => {
    const { registry, get, stop } = await serve();
    new Counter({ name: 'x_total', help: 'x', registers: [registry] }).inc(3);
    const answer = await get('/metrics');
    expect(answer.headers.get('content-type')).toContain('text/plain');
    expect(await answer.text()).toContain('x_total 3');
    expect((await get('/')).status).toBe(404);
    expect((await get('/metrics', 'POST')).status).toBe(404);
    await stop();
  });

  it('no port set: nothing listens', async () => {
    expect(await listenMetrics({ host: '127.0.0.1', port: undefined }, createRegistry())).toBe(
      undefined,
    );
  });

  it('a gauge is read when it is asked for; one that cannot be read is left out', async () => {
    const registry = createRegistry();
    let value = 1;
    readGauge(registry, { name: 'good', help: 'g' }, () => value);
    readGauge(registry, { name: 'bad', help: 'b' }, () => {
      throw new Error('no');
    });
    value = 7;
    const text = await registry.metrics();
    expect(text).toMatch(/^good 7$/m);
    expect(text).not.toMatch(/^bad /m);
  });

  it('latencies are in seconds', async () => {
    const registry = createRegistry();
    latencyHistogram(registry, { name: 'h_seconds', help: 'h', labelNames: ['code'] }).observe(
      { code: 'ok' },
      0.02,
    );
    expect(await registry.metrics()).toContain('h_seconds_bucket{le="0.025",code="ok"} 1');
  });

  it('Node tells of its process', async () => {
    expect(await createRegistry().metrics()).toContain('nodejs_eventloop_lag_seconds');
  });
});
