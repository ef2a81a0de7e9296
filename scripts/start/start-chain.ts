import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { checkStateFile } from '@clearinghouse/devnet';
import { type FundedChain, type Settings, startFundedChain } from '@clearinghouse/stack';

/** Starts the development chain as it was saved, or a new one, and says what had to be done. */
export async function startChain(
  settings: Settings,
  senderAddress: string,
  say: (line: string) => void,
): Promise<FundedChain> {
  const { dataDir, ports } = settings;
  const folder = join(dataDir, 'chain');
  mkdirSync(folder, { recursive: true });
  const stateFile = join(folder, 'state.json');
  const aside = checkStateFile(stateFile);
  if (aside) say(`the saved chain was half written; it is kept as ${aside}`);
  const started = await startFundedChain({
    dataDir,
    folder,
    port: ports.anvil,
    senderAddress,
    stateFile,
  });
  if (started.fresh) say('TicketBroker and Controller deployed, deposit and reserve funded');
  return started;
}
