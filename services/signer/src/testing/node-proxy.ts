import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A call as it came: its method and what it asks for. */
export type ProxiedCall = { readonly method: string; readonly params: readonly unknown[] };

/** What the proxy answers itself; `undefined` lets the call through. */
export type Rule = (
  call: ProxiedCall,
) => { readonly status?: number; readonly body: object } | undefined;

/** A node before a real one: a test makes it refuse, lie or stand still. */
export type NodeProxy = {
  readonly url: string;
  readonly calls: ProxiedCall[];
  rule: Rule;
  readonly stop: () => Promise<void>;
};

/** Starts one on a free port. */
export async function startNodeProxy(target: string): Promise<NodeProxy> {
  const calls: ProxiedCall[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', async () => {
      const body = Buffer.concat(chunks).toString();
      const call = JSON.parse(body) as ProxiedCall & { id: number };
      calls.push(call);
      const own = proxy.rule(call);
      if (own) {
        response.writeHead(own.status ?? 200, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ jsonrpc: '2.0', id: call.id, ...own.body }));
        return;
      }
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(target, { method: 'POST', headers, body });
      response.writeHead(answer.status, headers);
      response.end(await answer.text());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const proxy: NodeProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    rule: () => undefined,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return proxy;
}
