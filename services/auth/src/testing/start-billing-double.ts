import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request that reached billing. */
export type SeenRequest = {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
};

/** What billing does next. */
export type BillingMode = 'answer' | 'hang' | 'fail';

export type BillingDouble = {
  readonly url: string;
  readonly seen: SeenRequest[];
  readonly setMode: (mode: BillingMode) => void;
  readonly stop: () => Promise<void>;
};

/** A stand-in for billing's HTTP: another service, which auth must not import. */
export async function startBillingDouble(): Promise<BillingDouble> {
  const seen: SeenRequest[] = [];
  let mode: BillingMode = 'answer';
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const { method = '', url = '', headers } = request;
    seen.push({ method, url, headers, body });
    if (mode === 'hang') return;
    response.statusCode = mode === 'fail' ? 500 : 200;
    response.setHeader('content-type', 'application/json');
    response.setHeader('etag', '"e1"');
    response.setHeader('x-internal', 'not for callers');
    response.setHeader('set-cookie', 'not=for-callers');
    response.write('{"externalUserId":"alice","balanceUsdMicros":"5000000",');
    response.end('"consumedUsdMicros":"0","lifetimeGrantedUsdMicros":"5000000","hasAccess":true}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    setMode: (next) => {
      mode = next;
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
