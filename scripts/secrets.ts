import { parseArgs } from 'node:util';
import { writeInstallation } from './secrets/write-installation.ts';

// `npm run secrets`: writes secrets/ and .env for docker compose. What exists is kept.

const USAGE = `usage: npm run secrets -- [--dir DIR] [--rpc URL --controller ADDRESS --chain-id N]

Writes DIR/secrets (mode 0700) and DIR/.env for docker compose; DIR is this folder unless told.
A secret that exists is never overwritten;
one that a later version asks for is added. Without --rpc the .env is for the development chain
(docker compose --profile devnet up).`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      dir: { type: 'string', default: process.cwd() },
      rpc: { type: 'string' },
      controller: { type: 'string' },
      'chain-id': { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return;
  }
  if (values.rpc && !values.controller) throw new Error('--rpc needs --controller');
  const made = await writeInstallation({
    dir: values.dir,
    rpcUrl: values.rpc,
    controllerAddress: values.controller,
    chainId: values['chain-id'],
  });
  for (const line of made) console.log(line);
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
});
