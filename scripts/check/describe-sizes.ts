import type { SourceFile } from './source/parse-source.ts';
import { placeOf } from './source/place.ts';

/** One line on how big the house's files are, tests apart. */
export function describeSizes(files: readonly SourceFile[]): string {
  const isTest = (file: SourceFile) => placeOf(file.path).kind === 'test';
  const sources = files.filter((file) => !isTest(file)).map((file) => file.lines.length);
  const tests = files.filter(isTest).map((file) => file.lines.length);
  const ratio = sum(tests) / Math.max(1, sum(sources));
  return (
    `${files.length} files; sources: median ${quantile(sources, 0.5)} lines, ` +
    `p90 ${quantile(sources, 0.9)}, longest ${quantile(sources, 1)}; ` +
    `${ratio.toFixed(2)} lines of test per line of source`
  );
}

/** The value that a share of all values does not exceed; 0 of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
