import { parseArgs } from 'node:util';
import { readJournalDir } from './config.ts';
import { openKeystore } from './keystore/json-keystore.ts';
import { KEYSTORE_USAGE, runKeystore } from './keystore-cli/run-keystore.ts';
import { readStopped, resumeSigning, stopSigning } from './policy/kill-switch.ts';

// `npm run signer -- COMMAND`, and `docker compose exec signer signer COMMAND`.

const USAGE = `${KEYSTORE_USAGE}
stop --reason TEXT       stops all signing on this journal's volume, within a second
resume                   lets it go on
state                    says which of the two`;

type Command = (args: readonly string[]) => Promise<object>;

const COMMANDS: Readonly<Record<string, Command>> = {
  keystore: (args) => runKeystore(args, { openKeystore }),
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
  process.exitCode = 1;
});
