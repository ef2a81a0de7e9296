import type { Breach } from '../source/breach.ts';
import type { SourceFile } from '../source/parse-source.ts';
import { isService, type Place, placeOf } from '../source/place.ts';
import { resolveImport } from '../source/resolve-import.ts';

const SERVERS = ['packages/embedded', 'packages/devnet'];
const FOR_TESTS = [
  'packages/shared',
  'packages/testing',
  'packages/gateway-double',
  'packages/stack',
  ...SERVERS,
];

/** The units that each unit may import besides itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'packages/shared': [],
  'packages/embedded': ['packages/shared'],
  'packages/devnet': ['packages/shared'],
  'packages/gateway-double': [],
  'packages/stack': ['packages/shared', ...SERVERS],
  'packages/testing': ['packages/shared', ...SERVERS],
  scripts: FOR_TESTS,
  bench: FOR_TESTS,
  // A test of the whole may run what the demo runs.
  tests: [...FOR_TESTS, 'scripts'],
};

/**
 * Who may import whom between workspaces. Services see `packages/shared` and nothing else; their
 * tests see the packages made for tests; nobody reaches into a package past its index.
 */
export function checkWorkspaceBorders(file: SourceFile): Breach[] {
  const from = placeOf(file.path);
  const breaches: Breach[] = [];
  for (const { specifier, line } of file.imports) {
    const target = resolveImport(file.path, specifier);
    if (target.type === 'package') continue;
    const message = judge(from, placeOf(target.path), specifier, target.isByName);
    if (message) breaches.push({ path: file.path, line, rule: 'workspace-borders', message });
  }
  return breaches;
}

function judge(from: Place, to: Place, specifier: string, isByName: boolean): string | undefined {
  if (from.unit === to.unit) {
    return isByName ? `${specifier}: a workspace imports itself by relative paths` : undefined;
  }
  if (!mayImport(from, to)) return `${from.unit} must not import ${to.unit} (${specifier})`;
  if (to.unit.startsWith('packages/') && to.inner !== 'index.ts') {
    return `${specifier} reaches past the index of ${to.unit}`;
  }
  if (to.unit.startsWith('packages/') && !isByName) {
    return `${specifier}: import ${to.unit} by its name`;
  }
  return undefined;
}

function mayImport(from: Place, to: Place): boolean {
  const always = MAY_IMPORT[from.unit] ?? ['packages/shared'];
  if (always.includes(to.unit)) return true;
  // Measurements go below the public HTTP: an operation, but never a whole service.
  if (from.unit === 'bench') return isService(to) && isOperation(to);
  // Generators read a service's declarations, so that a document cannot differ from them.
  if (from.unit === 'scripts' && from.inner.startsWith('generate-')) return isService(to);
  return from.kind === 'test' && from.unit !== 'tests' && FOR_TESTS.includes(to.unit);
}

function isOperation(place: Place): boolean {
  return !['app', 'deps', 'config', 'entry', 'http'].includes(place.kind);
}
