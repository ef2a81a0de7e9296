import type { Breach } from './breach.ts';
import { parseSource, type SourceFile } from './parse-source.ts';

/** What `rules` say of one file with this text at this path; for the tests of the rules. */
export function judge(
  rule: (file: SourceFile) => readonly Breach[],
  path: string,
  text: string,
): string[] {
  return rule(parseSource(path, text)).map((breach) => `${breach.line}: ${breach.message}`);
}
