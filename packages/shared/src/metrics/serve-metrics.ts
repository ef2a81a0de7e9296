import type { RequestListener } from 'node:http';
import type { Registry } from 'prom-client';

/** `GET /metrics` in the text form of Prometheus; nothing else. */
export function serveMetrics(registry: Registry): RequestListener {
  return (request, response) => {
    if (request.method !== 'GET' || request.url !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    registry.metrics().then(
      (text) => response.writeHead(200, { 'Content-Type': registry.contentType }).end(text),
      () => response.writeHead(500).end(),
    );
  };
}
