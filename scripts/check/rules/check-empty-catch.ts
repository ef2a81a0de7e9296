import type { Breach } from '../source/breach.ts';
import { collectBreaches } from '../source/collect-breaches.ts';
import type { SourceFile } from '../source/parse-source.ts';

/** An error that nobody hears of. A comment within says why, as in `catch { // gone already }`. */
export function checkEmptyCatch(file: SourceFile): Breach[] {
  return collectBreaches(file, 'empty-catch', (node) => {
    if (node.type !== 'CatchClause' || node.body.body.length > 0) return undefined;
    const isExplained = file.comments.some(
      (comment) => comment.start > node.body.start && comment.end < node.body.end,
    );
    return isExplained ? undefined : 'an empty catch without a reason';
  });
}
