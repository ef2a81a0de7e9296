import type { Node } from 'oxc-parser';
import type { Breach } from '../source/breach.ts';
import { collectBreaches } from '../source/collect-breaches.ts';
import type { SourceFile } from '../source/parse-source.ts';
import { isService, placeOf } from '../source/place.ts';

const MAY_READ = [
  'scripts',
  'bench',
  'tests',
  'packages/testing',
  'packages/embedded',
  'packages/devnet',
  'packages/stack',
];

/**
 * The environment is read in one place per service, `config.ts`, so that every variable is
 * parsed, bounded and documented.
 */
export function checkEnvironmentReads(file: SourceFile): Breach[] {
  if (mayRead(file.path)) return [];
  return collectBreaches(file, 'environment-reads', (node) =>
    readsEnvironment(node) ? 'the environment is read in config.ts only' : undefined,
  );
}

function mayRead(path: string): boolean {
  const place = placeOf(path);
  if (MAY_READ.includes(place.unit) || place.kind === 'test') return true;
  if (path === 'packages/shared/src/config/read-env.ts') return true;
  return isService(place) && place.kind === 'config';
}

function readsEnvironment(node: Node): boolean {
  if (node.type === 'ImportDeclaration' && node.source.value.endsWith('process')) {
    return node.specifiers.some(
      (entry) =>
        entry.type === 'ImportSpecifier' &&
        entry.imported.type === 'Identifier' &&
        entry.imported.name === 'env',
    );
  }
  if (node.type === 'VariableDeclarator') {
    return node.id.type === 'ObjectPattern' && isProcess(node.init) && picksEnv(node.id);
  }
  if (node.type !== 'MemberExpression' || !isProcess(node.object)) return false;
  const { property } = node;
  if (property.type === 'Identifier') return property.name === 'env';
  return property.type === 'Literal' && property.value === 'env';
}

function isProcess(node: Node | null): boolean {
  return node?.type === 'Identifier' && node.name === 'process';
}

function picksEnv(pattern: Extract<Node, { type: 'ObjectPattern' }>): boolean {
  return pattern.properties.some(
    (entry) =>
      entry.type === 'Property' && entry.key.type === 'Identifier' && entry.key.name === 'env',
  );
}
