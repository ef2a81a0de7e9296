import { parseArgs } from 'node:util';
import { runQueueBench } from './holds/run-queue-bench.ts';
import { benchHoldsOnOwnServer } from './holds/with-server.ts';
import { runIdentityBench } from './identity/run-identity-bench.ts';
import { describeMachine } from './machine.ts';
import { runGrowthBench } from './payments/run-growth-bench.ts';
import { runPaymentsBench } from './payments/run-payments-bench.ts';
import { runSignerBench } from './signer/run-signer-bench.ts';
import { runSigningBench } from './signing/run-signing-bench.ts';

// `npm run bench`: every section, or those named: signing holds payments growth identity signer.

const SECTIONS: Readonly<Record<string, () => Promise<unknown>>> = {
  signing: async () => runSigningBench(),
  holds: async () => ({
    inProcess: await benchHoldsOnOwnServer(),
    overTheQueue: [...(await runQueueBench('redis')), ...(await runQueueBench('postgres'))],
  }),
  payments: async () => [
    ...(await runPaymentsBench('redis')),
    ...(await runPaymentsBench('postgres')),
  ],
  growth: () => runGrowthBench(),
  identity: () => runIdentityBench(),
  signer: () => runSignerBench(),
};

const { positionals } = parseArgs({ allowPositionals: true });
const names = positionals.length > 0 ? positionals : Object.keys(SECTIONS);
console.log(`# ${describeMachine()}`);
for (const name of names) {
  const section = SECTIONS[name];
  if (!section) throw new Error(`no section ${name}: ${Object.keys(SECTIONS).join(' ')}`);
  console.log(`\n## ${name}`);
  console.log(JSON.stringify(await section(), toText, 2));
}

function toText(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number' && !Number.isInteger(value)) return Math.round(value * 100) / 100;
  return value;
}
