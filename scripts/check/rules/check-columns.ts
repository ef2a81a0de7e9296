import type { Breach } from '../source/breach.ts';
import type { SourceFile } from '../source/parse-source.ts';

const COLUMNS_MAX = 100;

/** Lines beyond 100 columns that no formatter breaks; text and addresses may be longer. */
export function checkColumns(file: SourceFile): Breach[] {
  return file.lines.flatMap((text, index) => {
    if (text.length <= COLUMNS_MAX || /['"`]|https?:/.test(text)) return [];
    const message = `${text.length} columns; at most ${COLUMNS_MAX}`;
    return [{ path: file.path, line: index + 1, rule: 'columns', message }];
  });
}
