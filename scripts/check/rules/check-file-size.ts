import type { Breach } from '../source/breach.ts';
import type { SourceFile } from '../source/parse-source.ts';

const LINES_MAX = 400;

/** A file that is too long to be read at one sitting. */
export function checkFileSize(file: SourceFile): Breach[] {
  const count = file.lines.length;
  if (count <= LINES_MAX) return [];
  const message = `${count} lines; at most ${LINES_MAX}`;
  return [{ path: file.path, line: 1, rule: 'file-size', message }];
}
