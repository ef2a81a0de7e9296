import type { Node } from 'oxc-parser';
import type { Breach } from '../source/breach.ts';
import { collectBreaches } from '../source/collect-breaches.ts';
import { isFunction } from '../source/is-function.ts';
import type { SourceFile } from '../source/parse-source.ts';

const DEPTH_MAX = 3;
const BRANCHES = new Set([
  'IfStatement',
  'ForStatement',
  'ForInStatement',
  'ForOfStatement',
  'WhileStatement',
  'DoWhileStatement',
  'SwitchStatement',
  'TryStatement',
]);

/** Branches and loops deeper than three within one function; an `else if` is no deeper. */
export function checkNesting(file: SourceFile): Breach[] {
  return collectBreaches(file, 'nesting', (node, ancestors) => {
    if (!isBranch(node, ancestors.at(-1))) return undefined;
    // Only the first level that is too deep: what lies below it is the same fault.
    return depthOf(node, ancestors) === DEPTH_MAX + 1
      ? `nested deeper than ${DEPTH_MAX}`
      : undefined;
  });
}

function isBranch(node: Node, parent: Node | undefined): boolean {
  if (!BRANCHES.has(node.type)) return false;
  return !(parent?.type === 'IfStatement' && parent.alternate === node);
}

function depthOf(node: Node, ancestors: readonly Node[]): number {
  let depth = 1;
  let child = node;
  for (const parent of ancestors.toReversed()) {
    if (isFunction(parent)) break;
    const isElseIf = child.type === 'IfStatement' && !isBranch(child, parent);
    if (BRANCHES.has(parent.type) && !isElseIf) depth += 1;
    child = parent;
  }
  return depth;
}
