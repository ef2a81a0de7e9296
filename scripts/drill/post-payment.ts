import { Agent, request } from 'node:http';

/** An answer of a signer, or `lost`: the connection broke, or none came in time. */
export type Answer = { readonly status: number; readonly body: string } | 'lost';

export type Post = {
  readonly signerUrl: string;
  readonly token: string;
  readonly body: string;
  /** The client goes away this long after sending, whatever happens then. */
  readonly hangUpAfterMs?: number;
};

const ANSWER_TIMEOUT_MS = 20_000;
const SOCKETS_MAX = 512;

/** Sends payment requests over kept connections, as a gateway does. */
export type Poster = {
  readonly post: (post: Post) => Promise<Answer>;
  readonly close: () => void;
};

/** Makes the client of a drill. It never rejects: what does not come is `lost`. */
export function createPoster(): Poster {
  const agent = new Agent({ keepAlive: true, maxSockets: SOCKETS_MAX });
  return { post: (post) => send(agent, post), close: () => agent.destroy() };
}

function send(agent: Agent, { signerUrl, token, body, hangUpAfterMs }: Post): Promise<Answer> {
  return new Promise((resolve) => {
    const headers = {
      Authorization: `Bearer ${token}`,
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(body),
    };
    const url = `${signerUrl}/generate-live-payment`;
    const sent = request(url, { agent, method: 'POST', headers, timeout: ANSWER_TIMEOUT_MS });
    let hangUp: NodeJS.Timeout | undefined;
    const end = (answer: Answer) => {
      clearTimeout(hangUp);
      resolve(answer);
    };
    sent.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', () => end('lost'));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        end(response.complete ? { status: response.statusCode ?? 0, body: text } : 'lost');
      });
    });
    sent.on('timeout', () => sent.destroy());
    sent.on('error', () => end('lost'));
    sent.on('close', () => end('lost'));
    sent.end(body);
    if (hangUpAfterMs === undefined) return;
    hangUp = setTimeout(() => {
      sent.destroy();
      end('lost');
    }, hangUpAfterMs);
  });
}
