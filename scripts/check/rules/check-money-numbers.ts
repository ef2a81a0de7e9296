import type { Node } from 'oxc-parser';
import type { Breach } from '../source/breach.ts';
import { collectBreaches } from '../source/collect-breaches.ts';
import type { SourceFile } from '../source/parse-source.ts';
import { placeOf } from '../source/place.ts';

const MONEY_NAME = /(Wei|Micros|MicroUsd|Cents|E8)$|^(wei|micros|amount|balance)$/;
const FLOAT_COLUMNS = new Set(['doublePrecision', 'real']);
const NUMBER_MAKERS = new Set(['Number', 'parseInt']);

/**
 * Money never becomes a JS number: a double holds 53 bits, an ether has 60. Bans `parseFloat`,
 * `Number(...)` and unary plus on a money name, floating columns, and fields typed `number`.
 */
export function checkMoneyNumbers(file: SourceFile): Breach[] {
  const { unit, kind } = placeOf(file.path);
  if (kind === 'test' || unit === 'scripts' || unit === 'bench') return [];
  return collectBreaches(file, 'money-numbers', faultOf);
}

function faultOf(node: Node): string | undefined {
  switch (node.type) {
    case 'CallExpression':
      return callFault(node);
    case 'UnaryExpression':
      return node.operator === '+' && isMoney(node.argument)
        ? 'money made a number by +'
        : undefined;
    case 'TSPropertySignature':
      return isNumberType(node.typeAnnotation) && isMoney(node.key)
        ? `${nameOf(node.key)} is money and typed number`
        : undefined;
    case 'Identifier':
      return 'typeAnnotation' in node && isNumberType(node.typeAnnotation) && isMoney(node)
        ? `${node.name} is money and typed number`
        : undefined;
    default:
      return undefined;
  }
}

function callFault(node: Extract<Node, { type: 'CallExpression' }>): string | undefined {
  const callee = nameOf(node.callee);
  if (callee === 'parseFloat') return 'parseFloat: parse decimal strings to bigint';
  if (callee && FLOAT_COLUMNS.has(callee) && node.callee.type === 'Identifier') {
    return `${callee} column: money is numeric`;
  }
  const [argument] = node.arguments;
  if (callee && NUMBER_MAKERS.has(callee) && argument && isMoney(argument)) {
    return `${callee}() of money: keep it a bigint`;
  }
  return undefined;
}

function isMoney(node: Node): boolean {
  return MONEY_NAME.test(nameOf(node) ?? '');
}

function nameOf(node: Node): string | undefined {
  if (node.type === 'Identifier') return node.name;
  if (node.type === 'MemberExpression') return nameOf(node.property);
  if (node.type === 'ChainExpression') return nameOf(node.expression);
  return undefined;
}

function isNumberType(annotation: Node | null | undefined): boolean {
  return (
    annotation?.type === 'TSTypeAnnotation' && annotation.typeAnnotation.type === 'TSNumberKeyword'
  );
}
