import type { Node } from 'oxc-parser';
import type { Breach } from '../source/breach.ts';
import { collectBreaches } from '../source/collect-breaches.ts';
import type { SourceFile } from '../source/parse-source.ts';
import { placeOf } from '../source/place.ts';

const TEST_CALLS = new Set(['describe', 'suite', 'it', 'test']);
const FOCUS = new Set(['only', 'skip', 'todo']);
const TEST_ALIASES = new Set(['fdescribe', 'fit', 'xdescribe', 'xit', 'xtest']);

/** A test that is left out makes a green run that says nothing. */
export function checkFocusedTests(file: SourceFile): Breach[] {
  if (placeOf(file.path).kind !== 'test') return [];
  return collectBreaches(file, 'focused-tests', (node) => {
    if (node.type === 'MemberExpression' && node.property.type === 'Identifier') {
      const { name } = node.property;
      if (FOCUS.has(name) && TEST_CALLS.has(rootName(node.object) ?? '')) return `no .${name}`;
    }
    if (node.type === 'CallExpression' && TEST_ALIASES.has(rootName(node.callee) ?? '')) {
      return `no ${rootName(node.callee)}`;
    }
    return undefined;
  });
}

/** `it` of `it.each(table).only`; undefined where the chain starts with something unnamed. */
function rootName(node: Node): string | undefined {
  if (node.type === 'Identifier') return node.name;
  if (node.type === 'MemberExpression') return rootName(node.object);
  return node.type === 'CallExpression' ? rootName(node.callee) : undefined;
}
