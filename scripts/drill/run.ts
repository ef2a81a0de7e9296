import { formatReport } from './format-report.ts';
import { readFlags } from './read-flags.ts';
import { runDrill } from './run-drill.ts';

// `npm run drill`: payments through HTTP while processes are killed; the books are proved after.

async function main(): Promise<number> {
  const startedAtMs = performance.now();
  const progress = (line: string): void => {
    const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1).padStart(6);
    console.log(`${seconds} s  ${line}`);
  };
  const report = await runDrill({ ...readFlags(process.argv.slice(2)), progress });
  console.log(formatReport(report));
  return report.ok ? 0 : 1;
}

process.exitCode = await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  return 1;
});
