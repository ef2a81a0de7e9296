import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import { createLog, ServiceError } from '@clearinghouse/shared';
import { afterEach, describe, expect, it } from 'vitest';
import { openMail } from './open-mail.ts';
import { createPostman } from './postman.ts';

const log = createLog({ service: 'test', level: 'silent' });
const NONE = { smtpUrl: undefined, mailDir: undefined, mailFrom: undefined };
const MAIL = { to: 'alice@example.org', subject: 'Hello\r\nBcc: evil@example.org', text: 'Hi' };

/** A server that speaks as much SMTP as a client needs, and keeps what it was told. */
async function startSmtp(): Promise<{ server: Server; url: string; said: string[] }> {
  const said: string[] = [];
  const server = createServer((socket) => {
    let isData = false;
    socket.write('220 double\r\n');
    socket.on('data', (bytes) => {
      for (const line of bytes.toString('utf8').split('\r\n')) {
        if (line === '' && !isData) continue;
        said.push(line);
        if (isData && line !== '.') continue;
        if (isData) {
          isData = false;
          socket.write('250 taken\r\n');
        } else if (/^EHLO/i.test(line)) socket.write('250 double\r\n');
        else if (/^DATA/i.test(line)) {
          isData = true;
          socket.write('354 go on\r\n');
        } else socket.write('250 fine\r\n');
      }
    });
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`, said };
}

describe('how mail leaves', () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  it('without SMTP_URL and MAIL_DIR it is refused, and known to be beforehand', async () => {
    const route = openMail({ ...NONE, origin: 'https://auth.example' }, { log });
    expect(route.isConfigured).toBe(false);
    await expect(route.send(MAIL)).rejects.toThrow(ServiceError);
  });

  it('by SMTP, from the host of the origin; a line break in a subject makes no header', async () => {
    const { server, url, said } = await startSmtp();
    servers.push(server);
    const route = openMail({ ...NONE, smtpUrl: url, origin: 'https://auth.example' }, { log });
    await route.send(MAIL);
    await route.stop();
    expect(said).toContain('MAIL FROM:<no-reply@auth.example>');
    expect(said.filter((line) => line.startsWith('RCPT TO:'))).toEqual([
      'RCPT TO:<alice@example.org>',
    ]);
    expect(said.some((line) => /^Bcc:/i.test(line))).toBe(false);
  });

  it('a server that is away fails nobody’s page: the mail is logged as not sent', async () => {
    const smtpUrl = 'smtp://127.0.0.1:1';
    const route = openMail({ ...NONE, smtpUrl, origin: 'https://auth.example' }, { log });
    const postman = createPostman(route, { log });
    expect(() => postman.post(MAIL)).not.toThrow();
    await postman.stop();
  });
});
