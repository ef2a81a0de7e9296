import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listen, type RunningServer } from './server.ts';

describe('what is no URL', () => {
  let server: RunningServer;
  const reached: (string | undefined)[] = [];
  beforeAll(async () => {
    const handler = (req: { url?: string }, res: { end: (text: string) => void }) => {
      reached.push(req.url);
      res.end('reached');
    };
    server = await listen(handler as never, { host: '127.0.0.1', port: 0, portVariable: 'PORT' });
  });
  afterAll(() => server.stop());

  const send = (target: string) =>
    new Promise<string>((resolve, reject) => {
      let text = '';
      const socket = connect(server.port, '127.0.0.1');
      socket.on('data', (chunk) => {
        text += chunk.toString();
      });
      socket.on('end', () => resolve(text));
      socket.on('error', reject);
      socket.write(`GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
    });

  it.each(['http://[', 'http://a:99999/', 'nothing'])(
    '%s is 400 and reaches nobody',
    async (url) => {
      reached.length = 0;
      expect(await send(url)).toMatch(/^HTTP\/1\.1 400 /);
      expect(reached).toEqual([]);
    },
  );

  it.each(['/', '/a?b=[', '*', 'http://a/b', '//['])('%s goes on', async (url) => {
    expect(await send(url)).toContain('reached');
    expect(reached).toContain(url);
  });
});
