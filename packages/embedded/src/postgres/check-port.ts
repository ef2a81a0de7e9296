import { createServer } from 'node:net';

/**
 * @throws Error naming the port and the variable that moves it, when something listens there.
 */
export async function checkPort(port: number, variable: string): Promise<void> {
  if (await isFree(port)) return;
  throw new Error(`port ${port} (Postgres) is taken: free it, or set ${variable}`);
}

/** A port of the loopback that was free a moment ago. */
export function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
