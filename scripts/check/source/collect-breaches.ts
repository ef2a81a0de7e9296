import type { Node } from 'oxc-parser';
import type { Breach } from './breach.ts';
import type { SourceFile } from './parse-source.ts';
import { walk } from './walk.ts';

/**
 * The breaches of one rule in one file.
 *
 * @param judge says what is wrong with a node, or nothing; gets its ancestors, nearest last.
 */
export function collectBreaches(
  file: SourceFile,
  rule: string,
  judge: (node: Node, ancestors: readonly Node[]) => string | undefined,
): Breach[] {
  const breaches: Breach[] = [];
  walk(file.program, (node, ancestors) => {
    const message = judge(node, ancestors);
    if (!message) return;
    breaches.push({ path: file.path, line: file.lineAt(node.start), rule, message });
  });
  return breaches;
}
