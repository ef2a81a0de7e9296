import type { Node } from 'oxc-parser';
import type { Breach } from '../source/breach.ts';
import { collectBreaches } from '../source/collect-breaches.ts';
import { isFunction } from '../source/is-function.ts';
import type { SourceFile } from '../source/parse-source.ts';

const LINES_MAX = 70;
/** The bodies of these are lists of tests, not one thing that is done. */
const SUITES = new Set(['describe', 'suite']);

/** A function that does not fit on a screen. A suite's callback is exempt, its tests are not. */
export function checkFunctionSize(file: SourceFile): Breach[] {
  return collectBreaches(file, 'function-size', (node, ancestors) => {
    if (!isFunction(node) || isSuite(ancestors.at(-1))) return undefined;
    const count = file.lineAt(node.end - 1) - file.lineAt(node.start) + 1;
    return count > LINES_MAX ? `a function of ${count} lines; at most ${LINES_MAX}` : undefined;
  });
}

function isSuite(parent: Node | undefined): boolean {
  if (parent?.type !== 'CallExpression') return false;
  let callee: Node = parent.callee;
  // describe(...), describe.each(table)(...), describe.runIf(condition)(...)
  while (callee.type !== 'Identifier') {
    if (callee.type === 'CallExpression') callee = callee.callee;
    else if (callee.type === 'TaggedTemplateExpression') callee = callee.tag;
    else if (callee.type === 'MemberExpression') callee = callee.object;
    else return false;
  }
  return SUITES.has(callee.name);
}
