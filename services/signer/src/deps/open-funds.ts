import { createInterface } from 'node:readline/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLog, systemClock } from '@clearinghouse/shared';
import type { FundsConfig } from '../config.ts';
import type { Custody } from '../custody/account.ts';
import { guardSockets } from '../egress/guard-sockets.ts';
import type { FundsDeps } from '../operator/run-funds.ts';
import { openNodes } from './open-chain.ts';
import { openCustody } from './open-custody.ts';

/**
 * What the commands on deposit and reserve work with, in a process of their own that ends with
 * the command.
 *
 * @param beforeKeys called before a key is in this process, with whether it will be.
 */
export function openFunds(
  config: FundsConfig,
  beforeKeys: (holdsKeys: boolean) => void,
): FundsDeps & { readonly close: () => void } {
  const log = createLog({ service: 'signer-funds', level: 'fatal' });
  const guard = config.egress && guardSockets({ places: config.egress, log });
  const nodes = openNodes(config.chain, log);
  const opened: Custody[] = [];
  const open = async (...[terms]: [terms?: Parameters<FundsDeps['openAccount']>[1]]) => {
    const keys = config.custody();
    beforeKeys(keys.kind === 'local');
    const custody = await openCustody(keys, log, terms);
    opened.push(custody);
    return custody;
  };
  const { controllerAddress, ticketBroker, chainId } = config.chain;
  const { depositMultiplier, faceValueMaxWei } = config;
  return {
    nodes,
    chain: { controllerAddress, ticketBroker, chainId },
    bounds: { depositMultiplier, faceValueMaxWei },
    folder: config.journalDir,
    monotonicMs: systemClock.monotonicMs,
    sleep,
    say: (line) => void process.stderr.write(`${line}\n`),
    activeAddress: async () => config.activeAddress ?? (await open()).accounts[0].address,
    openAccount: async (address, { chainId: id, ticketBroker: contract }) => {
      const custody = await open({ chainId: id, ticketBroker: contract });
      const account = custody.accounts.find((one) => one.address === address);
      if (!account) throw new Error(`the custody has no key of the account ${address}`);
      return account;
    },
    confirm: askYes,
    close: () => {
      for (const custody of opened) custody.close();
      guard?.stop();
    },
  };
}

/** Shows and asks; without a terminal nobody can say yes. */
async function askYes(shown: string): Promise<boolean> {
  process.stderr.write(`${shown}\n`);
  if (!process.stdin.isTTY) return false;
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await lines.question('Send it? yes/no: ');
  lines.close();
  return answer.trim() === 'yes';
}
