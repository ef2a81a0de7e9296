import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An app on a port of its own. */
export type RunningApp = { readonly origin: string; readonly stop: () => Promise<void> };

/** Serves an app on loopback. */
export async function serveApp(handler: RequestListener): Promise<RunningApp> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
