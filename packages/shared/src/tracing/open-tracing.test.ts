import { execFileSync } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readEnv } from '../config/read-env.ts';
import { createLog } from '../log.ts';
import { currentTrace } from './current-trace.ts';
import { openTracing } from './open-tracing.ts';
import { isWatched, runStage, STAGES } from './stages.ts';
import { tracingOf, tracingShape } from './tracing-config.ts';

const log = createLog({ service: 'test', level: 'silent' });
const PARENT = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;

const configOf = (env: Record<string, string>) =>
  tracingOf(readEnv(z.object(tracingShape), { ...env }));

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** A collector that takes what comes, and answers when `answer` says so. */
async function startCollector(answers: boolean): Promise<{ url: string; count: () => number }> {
  let requests = 0;
  const server = createServer((req, res) => {
    requests += 1;
    req.resume();
    if (answers) req.on('end', () => res.end('{}'));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, count: () => requests };
}

describe('configuration of traces', () => {
  it('is off without an endpoint, and where it is switched off', () => {
    expect(configOf({})).toBeUndefined();
    expect(configOf({ OTEL_EXPORTER_OTLP_ENDPOINT: '' })).toBeUndefined();
    const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };
    expect(configOf({ ...endpoint, OTEL_SDK_DISABLED: 'true' })).toBeUndefined();
  });

  it('finds the path of traces as OpenTelemetry says', () => {
    const common = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/' };
    expect(configOf(common)?.url).toBe('http://collector:4318/v1/traces');
    const own = { ...common, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://other/in' };
    expect(configOf(own)?.url).toBe('https://other/in');
  });

  it('reads headers, and never tells their values', () => {
    const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };
    const headers = { ...endpoint, OTEL_EXPORTER_OTLP_HEADERS: 'a=b%20c, d=e=f' };
    expect(configOf(headers)?.headers).toEqual({ a: 'b c', d: 'e=f' });
    const wrong = { ...endpoint, OTEL_EXPORTER_OTLP_HEADERS: 'only-a-secret' };
    expect(() => configOf(wrong)).toThrow(/OTEL_EXPORTER_OTLP_HEADERS: name=value/);
    expect(() => configOf(wrong)).not.toThrow(/secret/);
  });

  it.each([
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'grpc://collector:4317'],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc'],
    ['OTEL_TRACES_SAMPLER', 'jaeger_remote'],
    ['OTEL_TRACES_SAMPLER_ARG', '2'],
    ['OTEL_BSP_MAX_QUEUE_SIZE', '0'],
  ])('%s=%s is a fault', (name, value) => {
    expect(() => configOf({ [name]: value })).toThrow(name);
  });
});

describe('traces that are off', () => {
  // Its bare API comes with prom-client.
  it('listen to nothing, and load neither the SDK nor the exporter', () => {
    const script = `
      import { createRequire, registerHooks } from 'node:module';
      const loaded = [];
      registerHooks({ resolve: (name, context, next) => { loaded.push(name); return next(name, context); } });
      const { openTracing, isWatched, STAGES } = await import('./index.ts');
      await openTracing({ config: undefined, service: 'signer', log: undefined });
      const otel = [...loaded, ...Object.keys(createRequire(import.meta.url).cache)]
        .filter((name) => /opentelemetry.(?!api)/.test(name));
      console.log(JSON.stringify({ otel, watched: Object.values(STAGES).filter(isWatched) }));`;
    const args = ['--input-type=module', '--eval', script];
    const cwd = join(import.meta.dirname, '..');
    const out = execFileSync(process.execPath, args, { cwd, encoding: 'utf8' });
    expect(JSON.parse(out)).toEqual({ otel: [], watched: [] });
  });
});

describe('traces that are on', () => {
  const traced = (run: () => unknown) =>
    runStage(STAGES['signer.request'], run, () => ({ parents: [PARENT] }));

  it('tell those who are asked where they are, and stop doing so', async () => {
    const { url } = await startCollector(true);
    const config = configOf({ OTEL_EXPORTER_OTLP_ENDPOINT: url });
    const tracing = await openTracing({ config, service: 'signer', log });
    let inside: string | undefined;
    traced(() => {
      inside = currentTrace();
    });
    expect(inside).toMatch(/^00-a{32}-[0-9a-f]{16}-01$/);
    expect(inside).not.toBe(PARENT);
    expect(currentTrace()).toBeUndefined();
    await tracing.stop();
    expect(Object.values(STAGES).filter(isWatched)).toEqual([]);
  });

  it.each([
    ['hangs', async () => (await startCollector(false)).url],
    ['is away', async () => 'http://127.0.0.1:1'],
  ])('a collector that %s holds up no work, nor the end of the process', async (_n, url) => {
    const config = configOf({
      OTEL_EXPORTER_OTLP_ENDPOINT: await url(),
      OTEL_BSP_MAX_QUEUE_SIZE: '64',
      OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '64',
      OTEL_BSP_SCHEDULE_DELAY: '1',
      OTEL_EXPORTER_OTLP_TIMEOUT: '60000',
    });
    const tracing = await openTracing({ config, service: 'signer', log });
    const results = [];
    for (let round = 0; round < 100; round += 1) {
      const works = Array.from({ length: 100 }, (_, index) => traced(async () => index));
      results.push(...(await Promise.all(works)));
    }
    expect(results.length).toBe(10_000);
    // Would wait for a minute if stopping waited for the collector.
    await tracing.stop();
  });
});
