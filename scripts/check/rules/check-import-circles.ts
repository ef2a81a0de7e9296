import type { Breach } from '../source/breach.ts';
import type { SourceFile } from '../source/parse-source.ts';
import { resolveImport } from '../source/resolve-import.ts';

type Mark = { index: number; low: number; isOnStack: boolean };

/**
 * Import circles, type-only imports included: files that need each other cannot be read, tested
 * or moved one by one. Each circle is named once, at the first of its files.
 */
export function checkImportCircles(files: readonly SourceFile[]): Breach[] {
  const edges = edgesOf(files);
  return findCircles(edges).map((circle) => {
    const [path = ''] = circle;
    return { path, line: 1, rule: 'import-circles', message: `circle: ${circle.join(' -> ')}` };
  });
}

function edgesOf(files: readonly SourceFile[]): Map<string, string[]> {
  const known = new Set(files.map((file) => file.path));
  const edges = new Map<string, string[]>();
  for (const file of files) {
    const targets = file.imports.flatMap(({ specifier }) => {
      const target = resolveImport(file.path, specifier);
      return target.type === 'file' && known.has(target.path) ? [target.path] : [];
    });
    edges.set(file.path, targets);
  }
  return edges;
}

/** Tarjan's strongly connected components, those with more than one file or with a loop. */
function findCircles(edges: ReadonlyMap<string, readonly string[]>): string[][] {
  const marks = new Map<string, Mark>();
  const stack: string[] = [];
  const circles: string[][] = [];

  function enter(path: string): Mark {
    const mark: Mark = { index: marks.size, low: marks.size, isOnStack: true };
    marks.set(path, mark);
    stack.push(path);
    for (const target of edges.get(path) ?? []) {
      const seen = marks.get(target);
      if (!seen) mark.low = Math.min(mark.low, enter(target).low);
      else if (seen.isOnStack) mark.low = Math.min(mark.low, seen.index);
    }
    if (mark.low === mark.index) close(path);
    return mark;
  }

  function close(path: string): void {
    const members = stack.splice(stack.indexOf(path));
    for (const member of members) {
      const mark = marks.get(member);
      if (mark) mark.isOnStack = false;
    }
    const isLoop = edges.get(path)?.includes(path) ?? false;
    if (members.length > 1 || isLoop) circles.push(members.sort());
  }

  for (const path of edges.keys()) if (!marks.has(path)) enter(path);
  return circles;
}
