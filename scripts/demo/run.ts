import { join } from 'node:path';
import { readDevJson, readFlags } from './config.ts';
import { formatReport } from './format-report.ts';
import { runDemo } from './run-demo.ts';

// `npm run demo`: the main job on real input, against the running stack.

async function main(): Promise<number> {
  const startedAtMs = performance.now();
  const flags = readFlags(process.argv.slice(2), join(import.meta.dirname, '../..'));
  // With --json, standard output is the report alone.
  const say = flags.json ? console.error : console.log;
  const progress = (line: string): void => {
    const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1).padStart(6);
    say(`${seconds} s  ${line}`);
  };
  const config = { ...readDevJson(flags.devJson), payments: flags.payments, progress };
  const report = await runDemo(config);
  console.log(flags.json ? JSON.stringify(report, null, 2) : formatReport(report));
  return report.ok ? 0 : 1;
}

process.exitCode = await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  return 1;
});
