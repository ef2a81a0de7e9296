import { type Comment, type Node, type ParseResult, type Program, parseSync } from 'oxc-parser';
import { walk } from './walk.ts';

/** One import, re-export, dynamic import or `import('x').T` of a file. */
export type SourceImport = {
  readonly specifier: string;
  readonly line: number;
  /** True when nothing of it is left at run time. */
  readonly isTypeOnly: boolean;
};

/** A TypeScript file as the rules see it. */
export type SourceFile = {
  /** Path from the root of the repository, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly lines: readonly string[];
  readonly program: Program;
  readonly comments: readonly Comment[];
  readonly imports: readonly SourceImport[];
  /** The line, first is 1, of an offset into the text. */
  readonly lineAt: (offset: number) => number;
};

/**
 * Parses one file.
 *
 * @throws Error when the text is not TypeScript: a file that the rules cannot read must not pass.
 */
export function parseSource(path: string, text: string): SourceFile {
  const result = parseSync(path, text, { lang: 'ts', sourceType: 'module' });
  if (result.errors.length > 0) {
    throw new Error(`${path}: ${result.errors.map((fault) => fault.message).join('; ')}`);
  }
  const lineAt = lineFinder(text);
  return {
    path,
    text,
    lines: text.replace(/\n$/, '').split('\n'),
    program: result.program,
    comments: result.comments,
    imports: collectImports(result, lineAt),
    lineAt,
  };
}

function lineFinder(text: string): (offset: number) => number {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  };
}

function collectImports(result: ParseResult, lineAt: (offset: number) => number): SourceImport[] {
  const found: SourceImport[] = [];
  walk(result.program, (node) => {
    const request = requestOf(node);
    if (request) found.push({ ...request, line: lineAt(node.start) });
  });
  return found;
}

function requestOf(node: Node): { specifier: string; isTypeOnly: boolean } | undefined {
  switch (node.type) {
    case 'ImportDeclaration':
      return { specifier: node.source.value, isTypeOnly: isTypeImport(node) };
    case 'ExportAllDeclaration':
      return { specifier: node.source.value, isTypeOnly: node.exportKind === 'type' };
    case 'ExportNamedDeclaration':
      if (node.source === null) return undefined;
      return { specifier: node.source.value, isTypeOnly: isTypeExport(node) };
    case 'ImportExpression':
      return literal(node.source, false);
    case 'TSImportType':
      return { specifier: node.source.value, isTypeOnly: true };
    default:
      return undefined;
  }
}

function isTypeImport(node: Extract<Node, { type: 'ImportDeclaration' }>): boolean {
  if (node.importKind === 'type') return true;
  if (node.specifiers.length === 0) return false;
  return node.specifiers.every(
    (entry) => entry.type === 'ImportSpecifier' && entry.importKind === 'type',
  );
}

function isTypeExport(node: Extract<Node, { type: 'ExportNamedDeclaration' }>): boolean {
  if (node.exportKind === 'type') return true;
  return node.specifiers.length > 0 && node.specifiers.every((e) => e.exportKind === 'type');
}

function literal(node: Node, isTypeOnly: boolean) {
  if (node.type !== 'Literal' || typeof node.value !== 'string') return undefined;
  return { specifier: node.value, isTypeOnly };
}
