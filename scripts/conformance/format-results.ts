import type { Result } from './module.ts';

/** The results as a table in text: one line a module, and the sums below. */
export function formatResults(results: readonly Result[]): string {
  const width = Math.max(...results.map(({ name }) => name.length));
  const lines: string[] = [];
  let plan = '';
  for (const result of results) {
    if (result.plan !== plan) lines.push('', result.plan);
    plan = result.plan;
    const { name, verdict, detail } = result;
    lines.push(`  ${name.padEnd(width)}  ${verdict.padEnd(11)}  ${detail}`.trimEnd());
  }
  const count = (verdict: Result['verdict']) =>
    results.filter((result) => result.verdict === verdict).length;
  const sums = `${results.length} modules: ${count('pass')} pass, ${count('not offered')} not offered, ${count('fail')} fail`;
  return [...lines.slice(1), '', sums].join('\n');
}
