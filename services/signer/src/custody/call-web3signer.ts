import { Agent as HttpAgent, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { CUSTODY_LIMITS } from '../limits.ts';
import { CustodyFault } from './custody-fault.ts';

/** How a Web3Signer is reached. */
export type Web3SignerOptions = {
  readonly url: string;
  /** For one attempt. */
  readonly timeoutMs: number;
  /** PEM: who we are to it, and whom we believe. */
  readonly tls?: {
    readonly certificate?: string | undefined;
    readonly key?: string | undefined;
    readonly authority?: string | undefined;
  };
};

export type Web3SignerClient = {
  /** Text of a 200; `body` absent means GET. */
  readonly call: (path: string, body?: string) => Promise<string>;
  readonly close: () => void;
};

type Attempt =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly fault: string; readonly isWorthARetry: boolean };

/**
 * Makes the way to a Web3Signer: kept connections, a bound on time and bytes, and one more attempt
 * after what may pass (no connection, no answer in time, 5xx). What it says itself is not repeated
 * in errors. Close it to let its connections go.
 *
 * @throws CustodyFault `unavailable`.
 */
export function createWeb3SignerClient(options: Web3SignerOptions): Web3SignerClient {
  const base = options.url.replace(/\/+$/, '');
  const isTls = base.startsWith('https:');
  const settings = { keepAlive: true, maxSockets: CUSTODY_LIMITS.connectionsMax };
  const { certificate: cert, key, authority: ca } = options.tls ?? {};
  const agent = isTls
    ? new HttpsAgent({ ...settings, ...defined({ cert, key, ca }) })
    : new HttpAgent(settings);
  const attempt = (path: string, body: string | undefined): Promise<Attempt> =>
    new Promise((resolve) => {
      const fail = (fault: string, isWorthARetry = true) =>
        resolve({ ok: false, fault, isWorthARetry });
      const send = isTls ? requestHttps : requestHttp;
      const call = send(`${base}${path}`, {
        method: body === undefined ? 'GET' : 'POST',
        headers: body === undefined ? {} : headersOf(body),
        agent,
        signal: AbortSignal.timeout(options.timeoutMs),
      });
      call.on('error', (error) => fail(nameOf(error)));
      call.on('response', (response) => {
        const { statusCode = 0 } = response;
        const chunks: Buffer[] = [];
        let length = 0;
        response.on('data', (chunk: Buffer) => {
          length += chunk.length;
          if (length > CUSTODY_LIMITS.answerBytesMax) return void response.destroy();
          chunks.push(chunk);
        });
        // `close` comes after `end`, and alone when the answer broke off.
        response.on('close', () => {
          if (!response.complete) return fail('the answer broke off');
          if (statusCode !== 200) return fail(`status ${statusCode}`, statusCode >= 500);
          resolve({ ok: true, text: Buffer.concat(chunks).toString('utf8') });
        });
        response.on('error', () => undefined);
      });
      call.end(body);
    });
  return {
    call: async (path, body) => {
      let made = await attempt(path, body);
      for (let left = CUSTODY_LIMITS.retriesMax; left > 0; left -= 1) {
        if (made.ok || !made.isWorthARetry) break;
        made = await attempt(path, body);
      }
      if (made.ok) return made.text;
      throw new CustodyFault('unavailable', `Web3Signer: ${made.fault}`);
    },
    close: () => agent.destroy(),
  };
}

function headersOf(body: string): Record<string, string> {
  return {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    accept: 'text/plain, application/json',
  };
}

function nameOf(error: Error): string {
  const { code } = error as { code?: unknown };
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return 'no answer in time';
  return typeof code === 'string' ? code : 'no connection';
}

function defined<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(
    Object.entries(value).filter(([, entry]) => entry !== undefined),
  ) as Partial<T>;
}
