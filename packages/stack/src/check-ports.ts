import { createServer } from 'node:net';
import { PORT_VARIABLES, type PortName } from './settings.ts';

/**
 * Looks whether every port is free, all at once.
 *
 * @throws Error with a line for each port that is taken, and the variable that moves it.
 */
export async function checkPorts(
  ports: Readonly<Record<PortName, number>>,
  names: readonly PortName[],
): Promise<void> {
  const taken: string[] = [];
  for (const name of names) {
    if (await isFree(ports[name])) continue;
    const [variable] = PORT_VARIABLES[name];
    taken.push(`port ${ports[name]} (${name}) is taken: free it, or set ${variable}`);
  }
  if (taken.length > 0) throw new Error(taken.join('\n'));
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
