import { createServer } from 'node:net';

/** @throws Error when something listens on this port of the loopback already. */
export function checkPort(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (cause) =>
      reject(new Error(`port ${port} (anvil) is taken: free it or give another one`, { cause })),
    );
    server.listen(port, '127.0.0.1', () => server.close(() => resolve()));
  });
}
