import { DEVNET_LIMITS } from '../limits.ts';

/**
 * One JSON-RPC call.
 *
 * @throws Error with the node's own text when it refuses.
 */
export async function callRpc(
  rpcUrl: string,
  method: string,
  params: readonly unknown[],
): Promise<unknown> {
  const response = await fetch(rpcUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    signal: AbortSignal.timeout(DEVNET_LIMITS.rpcTimeoutMs),
  });
  const answer = (await response.json()) as { result?: unknown; error?: { message?: string } };
  if (answer.error) throw new Error(`${method}: ${answer.error.message ?? 'refused'}`);
  return answer.result;
}
