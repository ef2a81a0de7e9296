import type { Breach } from '../source/breach.ts';
import { collectBreaches } from '../source/collect-breaches.ts';
import type { SourceFile } from '../source/parse-source.ts';
import { placeOf } from '../source/place.ts';

const MAY_PRINT = ['scripts', 'bench', 'tests'];

/** Services speak through the log, which redacts; the console does not. */
export function checkConsole(file: SourceFile): Breach[] {
  if (MAY_PRINT.includes(placeOf(file.path).unit)) return [];
  return collectBreaches(file, 'console', (node) => {
    if (node.type !== 'MemberExpression') return undefined;
    const { object } = node;
    return object.type === 'Identifier' && object.name === 'console' ? 'no console' : undefined;
  });
}
