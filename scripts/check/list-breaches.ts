import { checkColumns } from './rules/check-columns.ts';
import { checkConsole } from './rules/check-console.ts';
import { checkDefaultExports } from './rules/check-default-exports.ts';
import { checkDocumentedVariables } from './rules/check-documented-variables.ts';
import { checkEmptyCatch } from './rules/check-empty-catch.ts';
import { checkEnvironmentReads } from './rules/check-environment-reads.ts';
import { checkFileSize } from './rules/check-file-size.ts';
import { checkFocusedTests } from './rules/check-focused-tests.ts';
import { checkFunctionSize } from './rules/check-function-size.ts';
import { checkImportCircles } from './rules/check-import-circles.ts';
import { checkMoneyNumbers } from './rules/check-money-numbers.ts';
import { checkNesting } from './rules/check-nesting.ts';
import { checkOpenWork } from './rules/check-open-work.ts';
import { checkServiceLayers } from './rules/check-service-layers.ts';
import { checkWorkspaceBorders } from './rules/check-workspace-borders.ts';
import type { Breach } from './source/breach.ts';
import type { SourceFile } from './source/parse-source.ts';

const RULES: readonly ((file: SourceFile) => readonly Breach[])[] = [
  checkWorkspaceBorders,
  checkServiceLayers,
  checkEnvironmentReads,
  checkFileSize,
  checkFunctionSize,
  checkNesting,
  checkColumns,
  checkDefaultExports,
  checkFocusedTests,
  checkEmptyCatch,
  checkConsole,
  checkOpenWork,
  checkMoneyNumbers,
];

/**
 * Every breach of every rule, in the order of path and line.
 *
 * @param documents texts that tell the operator of variables; none: that rule is not asked.
 */
export function listBreaches(
  files: readonly SourceFile[],
  documents: readonly string[],
): readonly Breach[] {
  const breaches = [
    ...RULES.flatMap((rule) => files.flatMap((file) => rule(file))),
    ...checkImportCircles(files),
    ...(documents.length > 0 ? checkDocumentedVariables(files, documents) : []),
  ];
  return breaches.sort((a, b) => a.path.localeCompare(b.path) || a.line - b.line);
}
