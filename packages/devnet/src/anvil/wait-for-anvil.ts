import { setTimeout as sleep } from 'node:timers/promises';
import { callRpc } from '../chain/call-rpc.ts';
import { DEVNET_LIMITS } from '../limits.ts';

/**
 * Waits until a node answers.
 *
 * @throws Error when it has not within 15 s, or `hasExited` says that it is gone.
 */
export async function waitForAnvil(rpcUrl: string, hasExited?: () => boolean): Promise<void> {
  const until = Date.now() + DEVNET_LIMITS.anvilStartMs;
  while (Date.now() < until && !hasExited?.()) {
    try {
      await callRpc(rpcUrl, 'eth_chainId', []);
      return;
    } catch {
      await sleep(DEVNET_LIMITS.pollMs);
    }
  }
  throw new Error(`anvil does not answer at ${rpcUrl}`);
}
