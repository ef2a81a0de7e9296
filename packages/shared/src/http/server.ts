import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { refuseNonUrls } from './refuse-url.ts';

/** A listening server with a stop that drains. */
export type RunningServer = {
  readonly port: number;
  readonly server: Server;
  /** Stops intake, lets requests under way finish, then closes what is left. */
  readonly stop: () => Promise<void>;
};

const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 15_000;
/** go-livepeer keeps idle connections for minutes; ours last longer than a poll of a session. */
const KEEP_ALIVE_MS = 65_000;
const DRAIN_MS = 5_000;
const IDLE_LOOK_MS = 50;

/**
 * Listens. A port that is taken is a fault that names the port and the variable that moves
 * it; another port is never chosen instead.
 */
export async function listen(
  handler: RequestListener,
  options: { host: string; port: number; portVariable: string },
): Promise<RunningServer> {
  const server = createServer(refuseNonUrls(handler));
  server.headersTimeout = HEADERS_TIMEOUT_MS;
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') return reject(error);
      const { port, portVariable } = options;
      reject(new Error(`port ${port} is taken: free it or set ${portVariable}`));
    });
    server.listen(options.port, options.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return { port, server, stop: () => stopServer(server) };
}

async function stopServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  // A kept connection is idle only once its request is answered.
  const looking = setInterval(() => server.closeIdleConnections(), IDLE_LOOK_MS);
  const timer = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
  await closed;
  clearInterval(looking);
  clearTimeout(timer);
}
