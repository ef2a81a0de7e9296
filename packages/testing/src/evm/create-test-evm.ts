import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import {
  advanceRounds,
  anvilCommand,
  callRpc,
  type Deployment,
  deployContracts,
  fundSender,
  type Round,
  readRound,
  waitForAnvil,
} from '@clearinghouse/devnet';
import { findFreePort, startProcess, stopProcess } from '@clearinghouse/embedded';
import { inject } from 'vitest';

/** Who is funded, and with how much. */
export type TestEvmOptions = {
  /** Nobody is funded without it. */
  readonly senderAddress?: string;
  readonly depositWei?: bigint;
  readonly reserveWei?: bigint;
  readonly blockTimeSec?: number;
};

/** A chain of the test's own with Livepeer's contracts. */
export type TestEvm = {
  readonly rpcUrl: string;
  readonly contracts: Deployment;
  /** One JSON-RPC call. */
  readonly call: (method: string, params?: readonly unknown[]) => Promise<unknown>;
  readonly fund: (senderAddress: string, depositWei: bigint, reserveWei: bigint) => Promise<void>;
  readonly advanceRounds: (rounds?: bigint) => Promise<bigint>;
  readonly readRound: () => Promise<Round>;
  readonly mine: (blocks?: number) => Promise<void>;
  /** Runs work and puts the chain back to what it was before. */
  readonly sandbox: <T>(work: () => Promise<T>) => Promise<T>;
  /** The process stands still and calls to it hang, until `resume`. */
  readonly pause: () => void;
  readonly resume: () => void;
  readonly stop: () => Promise<void>;
};

const ETHER = 10n ** 18n;

/** Starts a chain, deploys the contracts and funds the sender (10 ether each, unless told). */
export async function createTestEvm(options: TestEvmOptions = {}): Promise<TestEvm> {
  const port = await findFreePort();
  const name = `anvil-${randomBytes(4).toString('hex')}`;
  const pidFolder = inject('runFolder');
  const { blockTimeSec, senderAddress } = options;
  const child = await startProcess({
    ...anvilCommand({ port, ...(blockTimeSec === undefined ? {} : { blockTimeSec }) }),
    name,
    pidFolder,
    logFile: join(pidFolder, `${name}.log`),
  });
  const rpcUrl = `http://127.0.0.1:${port}`;
  await waitForAnvil(rpcUrl, child.hasExited);
  const contracts = await deployContracts({ rpcUrl });
  const { ticketBroker, roundsManager } = contracts;
  const call = (method: string, params: readonly unknown[] = []) => callRpc(rpcUrl, method, params);
  const fund = (sender: string, depositWei: bigint, reserveWei: bigint) =>
    fundSender({ rpcUrl, ticketBroker, senderAddress: sender, depositWei, reserveWei });
  if (senderAddress !== undefined) {
    await fund(senderAddress, options.depositWei ?? 10n * ETHER, options.reserveWei ?? 10n * ETHER);
  }
  return {
    rpcUrl,
    contracts,
    call,
    fund,
    advanceRounds: (rounds) =>
      advanceRounds({ rpcUrl, roundsManager, ...(rounds === undefined ? {} : { rounds }) }),
    readRound: () => readRound({ rpcUrl, roundsManager }),
    mine: async (blocks = 1) => void (await call('anvil_mine', [`0x${blocks.toString(16)}`])),
    sandbox: async (work) => {
      const snapshot = await call('evm_snapshot');
      try {
        return await work();
      } finally {
        await call('evm_revert', [snapshot]);
      }
    },
    pause: () => void process.kill(child.pid, 'SIGSTOP'),
    resume: () => void process.kill(child.pid, 'SIGCONT'),
    stop: async () => {
      if (!child.hasExited()) process.kill(child.pid, 'SIGCONT');
      await stopProcess(child);
    },
  };
}
