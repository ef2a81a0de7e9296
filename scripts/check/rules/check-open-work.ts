import type { Breach } from '../source/breach.ts';
import type { SourceFile } from '../source/parse-source.ts';

/** Work left open belongs to an issue, not to main. */
export function checkOpenWork(file: SourceFile): Breach[] {
  return file.comments.flatMap((comment) => {
    const word = /\b(TODO|FIXME|XXX|HACK)\b/.exec(comment.value)?.[0];
    if (!word) return [];
    const where = { path: file.path, line: file.lineAt(comment.start), rule: 'open-work' };
    return [{ ...where, message: `no ${word} in main` }];
  });
}
