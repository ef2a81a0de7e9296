import { DEVNET_CHAIN_ID, DEVNET_LIMITS } from '../limits.ts';
import { findAnvil } from './find-anvil.ts';

/** How a local chain is run. */
export type AnvilOptions = {
  readonly port: number;
  /** The loopback unless told; only a container has a reason to listen elsewhere. */
  readonly host?: string;
  /** The chain is read from and written to this file; without it a stop forgets everything. */
  readonly stateFile?: string;
  /** A block this often; without it one block per transaction and none in between. */
  readonly blockTimeSec?: number;
  readonly chainId?: number;
};

/** A program and its arguments, for whoever starts processes. */
export type AnvilCommand = { readonly command: string; readonly args: readonly string[] };

/**
 * The command line of a local chain.
 *
 * @throws Error saying how to get anvil when this machine has none.
 */
export function anvilCommand(options: AnvilOptions): AnvilCommand {
  const command = findAnvil();
  if (command === undefined) {
    throw new Error(
      'no anvil: npm ships it for Linux on x86-64 only; put Foundry on PATH, or set ETH_RPC_URL',
    );
  }
  const args = ['--host', options.host ?? '127.0.0.1', '--port', String(options.port)];
  args.push('--chain-id', String(options.chainId ?? DEVNET_CHAIN_ID), '--quiet');
  if (options.blockTimeSec !== undefined) args.push('--block-time', String(options.blockTimeSec));
  if (options.stateFile !== undefined) {
    args.push('--state', options.stateFile);
    args.push('--state-interval', String(DEVNET_LIMITS.stateIntervalSec));
  }
  return { command, args };
}
