import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A web site of a relying party, on this machine. */
export type Site = { readonly origin: string; readonly stop: () => Promise<void> };

/** Starts one; the listener gets its origin, which its redirect URIs are made of. */
export async function startSite(
  makeListener: (origin: string) => RequestListener | Promise<RequestListener>,
): Promise<Site> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  server.on('request', await makeListener(origin));
  return {
    origin,
    stop: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
