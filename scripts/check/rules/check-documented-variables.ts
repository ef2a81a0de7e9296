import type { Breach } from '../source/breach.ts';
import type { SourceFile } from '../source/parse-source.ts';
import { isService, placeOf } from '../source/place.ts';
import { walk } from '../source/walk.ts';

const VARIABLE = /^[A-Z][A-Z0-9_]+$/;

/**
 * Every variable that a service's `config.ts` reads is told to the operator, by its own name or
 * as `NAME_FILE`.
 *
 * @param documents texts of `.env.example` and `docs/configuration.md`
 */
export function checkDocumentedVariables(
  files: readonly SourceFile[],
  documents: readonly string[],
): Breach[] {
  const words = new Set(documents.flatMap((text) => text.match(/[A-Z][A-Z0-9_]+/g) ?? []));
  return files.filter(isConfig).flatMap((file) =>
    variablesOf(file)
      .filter(({ name }) => !words.has(name) && !words.has(`${name}_FILE`))
      .map(({ name, line }) => ({
        path: file.path,
        line,
        rule: 'documented-variables',
        message: `${name} stands neither in .env.example nor in docs/configuration.md`,
      })),
  );
}

function isConfig(file: SourceFile): boolean {
  const place = placeOf(file.path);
  return isService(place) && place.kind === 'config';
}

function variablesOf(file: SourceFile): { name: string; line: number }[] {
  const found: { name: string; line: number }[] = [];
  walk(file.program, (node, ancestors) => {
    if (node.type !== 'Property' || node.key.type !== 'Identifier') return;
    // A schema's own fields stand at the top level of its object, not inside a field's options.
    const isSchemaField = ancestors.filter((one) => one.type === 'ObjectExpression').length === 1;
    if (!isSchemaField || !VARIABLE.test(node.key.name)) return;
    found.push({ name: node.key.name, line: file.lineAt(node.start) });
  });
  return found;
}
