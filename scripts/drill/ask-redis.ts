import { once } from 'node:events';
import { connect } from 'node:net';

/** Sends one inline command to a Redis; gives the answer's text, empty when nobody is there. */
export async function askRedis(port: number, command: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    socket.write(`${command}\r\n`);
    const [data] = (await once(socket, 'data')) as [Buffer];
    return data.toString('latin1').trimEnd();
  } catch {
    return '';
  } finally {
    socket.destroy();
  }
}
