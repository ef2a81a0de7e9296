import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One question that came, as it came. */
export type WebhookQuestion = {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
};

/** What the webhook answers with; nothing: it never answers. */
export type WebhookReply = { readonly status?: number; readonly body: string } | undefined;

/** An operator's webhook. */
export type WebhookDouble = {
  readonly url: string;
  readonly questions: WebhookQuestion[];
  /** What comes from now on. */
  readonly answer: (reply: WebhookReply) => void;
  readonly stop: () => Promise<void>;
};

/** Starts a webhook that lets everybody in as `operator:alice` until told otherwise. */
export async function startWebhookDouble(): Promise<WebhookDouble> {
  const questions: WebhookQuestion[] = [];
  let reply: WebhookReply = { body: '{"status":200,"auth_id":"operator:alice"}' };
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      questions.push({ headers: request.headers, body: Buffer.concat(parts).toString('utf8') });
      if (reply) response.writeHead(reply.status ?? 200).end(reply.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/authorize?x=1`,
    questions,
    answer: (next) => {
      reply = next;
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
