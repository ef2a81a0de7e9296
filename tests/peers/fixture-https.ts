import { request } from 'node:https';

/** What came back over TLS. */
export type HttpsAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
};

export type HttpsCall = {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
};

/**
 * Makes the caller of one host name on this machine: the certificate must be of that name and of
 * that authority.
 */
export function httpsCaller(options: { hostname: string; port: number; ca: string }) {
  const { hostname, port, ca } = options;
  return (path: string, call: HttpsCall = {}): Promise<HttpsAnswer> =>
    new Promise((resolve, reject) => {
      const outgoing = request(
        {
          host: '127.0.0.1',
          port,
          path,
          ca,
          servername: hostname,
          method: call.method ?? 'GET',
          headers: { host: `${hostname}:${port}`, ...call.headers },
          agent: false,
        },
        (incoming) => {
          const parts: Buffer[] = [];
          incoming.on('data', (part: Buffer) => parts.push(part));
          incoming.on('error', reject);
          incoming.on('end', () =>
            resolve({
              status: incoming.statusCode ?? 0,
              headers: incoming.headers,
              text: Buffer.concat(parts).toString('utf8'),
            }),
          );
        },
      );
      outgoing.on('error', reject);
      outgoing.end(call.body);
    });
}
