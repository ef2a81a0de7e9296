import { z } from 'zod';
import { RUNTIME_LIMITS } from '../limits.ts';
import { readResponse } from './read-response.ts';

/** The node understood a call and refused it: asking again gives the same. */
export class RpcRefusal extends Error {
  readonly rpcCode: number;
  /** What a contract said when it reverted; hex. */
  readonly revertData: string | undefined;

  constructor(method: string, rpcCode: number, revertData?: string) {
    super(`${method} was refused (${rpcCode})`);
    this.name = 'RpcRefusal';
    this.rpcCode = rpcCode;
    this.revertData = revertData;
  }
}

/** The node has nothing by that name: no such block, no receipt yet. */
export class NoResult extends Error {
  constructor(method: string) {
    super(`${method}: no result`);
    this.name = 'NoResult';
  }
}

/** One JSON-RPC call; gives the result, whose shape the caller checks. */
export type CallRpc = (method: string, params: readonly unknown[]) => Promise<unknown>;

const answerSchema = z.object({
  result: z.unknown().optional(),
  error: z.object({ code: z.number(), data: z.unknown().optional() }).nullish(),
});

/**
 * Makes the way to a node: HTTP, one call a request, bounded in time and bytes. Neither the
 * address (it may hold a key) nor the node's own words appear in an error.
 *
 * @throws RpcRefusal when the node says no, NoResult when it has none; Error when it cannot be reached or understood.
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
    if (error) throw new RpcRefusal(method, error.code, textOf(error.data));
    if (result === undefined || result === null) throw new NoResult(method);
    return result;
  };
}

/** Hex bytes, bounded; a node's own words are not taken over. */
function textOf(data: unknown): string | undefined {
  return typeof data === 'string' && /^0x[0-9a-f]{0,2048}$/i.test(data) ? data : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
