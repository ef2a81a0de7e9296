import { parseArgs } from 'node:util';
import { readFundsConfig, readJournalDir } from './config.ts';
import { stopCoreDumps } from './custody/stop-core-dumps.ts';
import { openFunds } from './deps/open-funds.ts';
import { openKeystore } from './keystore/json-keystore.ts';
import { KEYSTORE_USAGE, runKeystore } from './keystore-cli/run-keystore.ts';
import { FUNDS_USAGE, runFunds } from './operator/run-funds.ts';
import { readStopped, resumeSigning, stopSigning } from './policy/kill-switch.ts';
import { checkCoreDumps } from './preconditions.ts';

// `npm run signer -- COMMAND`, and `docker compose exec signer signer COMMAND`.

const USAGE = `${KEYSTORE_USAGE}
${FUNDS_USAGE}
stop --reason TEXT       stops all signing on this journal's volume, within a second
resume                   lets it go on
state                    says which of the two`;

/** What was asked for is not done, and why: a line of JSON, exit code 2. */
class Refused extends Error {}

type Command = (args: readonly string[]) => Promise<object>;

const COMMANDS: Readonly<Record<string, Command>> = {
  keystore: (args) => runKeystore(args, { openKeystore }),
  funds: async (args) => {
    const config = readFundsConfig();
    const { allowsCoreDumps } = config;
    const funds = openFunds(config, (holdsKeys) =>
      checkCoreDumps(stopCoreDumps(), { holdsKeys, allowsCoreDumps }),
    );
    const outcome = await runFunds(funds, args).finally(funds.close);
    if (outcome.ok) return outcome.value;
    const { code, message } = outcome;
    throw new Refused(JSON.stringify({ error: { message, code } }));
  },
  stop: async (args) => {
    const options = { reason: { type: 'string' } } as const;
    const { values } = parseArgs({ args: [...args], options });
    if (!values.reason) throw new Error('say why: --reason TEXT');
    return { signing: 'stopped', ...(await stopSigning(readJournalDir(), values.reason)) };
  },
  resume: async () => {
    const wasStopped = await resumeSigning(readJournalDir());
    return { signing: 'goes on', wasStopped };
  },
  state: async () => {
    const stopped = await readStopped(readJournalDir());
    return stopped ? { signing: 'stopped', ...stopped } : { signing: 'goes on' };
  },
};

async function run(): Promise<void> {
  const [name = '', ...args] = process.argv.slice(2);
  const command = COMMANDS[name];
  if (!command) throw new Error(`usage:\n${USAGE}`);
  process.stdout.write(`${JSON.stringify(await command(args))}\n`);
}

run().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof Refused ? 2 : 1;
});
