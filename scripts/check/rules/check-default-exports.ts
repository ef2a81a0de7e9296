import type { Breach } from '../source/breach.ts';
import { collectBreaches } from '../source/collect-breaches.ts';
import type { SourceFile } from '../source/parse-source.ts';

/** A default export has another name in every file that imports it. */
export function checkDefaultExports(file: SourceFile): Breach[] {
  if (file.path.endsWith('.config.ts')) return [];
  return collectBreaches(file, 'default-exports', (node) => {
    if (node.type === 'ExportDefaultDeclaration') return 'no default exports';
    if (node.type !== 'ExportSpecifier') return undefined;
    const { exported } = node;
    const name = exported.type === 'Literal' ? exported.value : exported.name;
    return name === 'default' ? 'no default exports' : undefined;
  });
}
