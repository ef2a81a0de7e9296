import { z } from 'zod';
import { RUNTIME_LIMITS } from '../limits.ts';
import { readResponse } from './read-response.ts';

/** The node understood a call and refused it: asking again gives the same. */
export class RpcRefusal extends Error {
  readonly rpcCode: number;

  constructor(method: string, rpcCode: number) {
    super(`${method} was refused (${rpcCode})`);
    this.name = 'RpcRefusal';
    this.rpcCode = rpcCode;
  }
}

/** One JSON-RPC call; gives the result, whose shape the caller checks. */
export type CallRpc = (method: string, params: readonly unknown[]) => Promise<unknown>;

const answerSchema = z.object({
  result: z.unknown().optional(),
  error: z.object({ code: z.number() }).nullish(),
});

/**
 * Makes the way to a node: HTTP, one call a request, bounded in time and bytes. Neither the
 * address (it may hold a key) nor the node's own words appear in an error.
 *
 * @throws RpcRefusal when the node says no; Error when it cannot be reached or understood.
 */
export function createRpc(options: { url: string; fetch: typeof fetch }): CallRpc {
  let id = 0;
  return async (method, params) => {
    id += 1;
    const response = await options.fetch(options.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id, method, params }),
      redirect: 'error',
      signal: AbortSignal.timeout(RUNTIME_LIMITS.rpcTimeoutMs),
    });
    const answer = answerSchema.safeParse(
      parse(await readResponse(response, RUNTIME_LIMITS.rpcBytesMax)),
    );
    if (!answer.success) throw new Error(`${method}: not a JSON-RPC answer (${response.status})`);
    const { error, result } = answer.data;
    if (error) throw new RpcRefusal(method, error.code);
    if (result === undefined || result === null) throw new Error(`${method}: no result`);
    return result;
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
