import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { isWatched, type Stage, type StageEvent } from './stages.ts';

/** What a request came to; not sent: the client was gone. */
export type RequestResult = { readonly status: number; readonly isSent: boolean };

/** Probes come all the time and say nothing. */
const PROBES: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics']);

/**
 * Makes each request a stage: from its arrival until its answer is out, or its client gone. A
 * `traceparent` header is honoured. The route is told only where it is one of `routes`: other
 * paths may hold names.
 */
export function watchRequests(
  stage: Stage,
  routes: ReadonlySet<string>,
  listener: RequestListener,
): RequestListener {
  return (req, res) => {
    if (isWatched(stage)) watchRequest(stage, routes, listener, req, res);
    else listener(req, res);
  };
}

function watchRequest(
  stage: Stage,
  routes: ReadonlySet<string>,
  listener: RequestListener,
  req: IncomingMessage,
  res: ServerResponse,
): void {
  const path = req.url?.split('?', 1)[0] ?? '';
  if (PROBES.has(path)) {
    listener(req, res);
    return;
  }
  const event: StageEvent = {
    stage: stage.name,
    parents: [headerOf(req.headers.traceparent)],
    notes: {
      'http.request.method': req.method,
      ...(routes.has(path) ? { 'http.route': path } : {}),
    },
  };
  res.once('close', () => {
    const result: RequestResult = { status: res.statusCode, isSent: res.writableFinished };
    event.result = result;
    stage.end.publish(event);
  });
  stage.start.runStores(event, () => listener(req, res));
}

function headerOf(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
