import { describe, expect, it } from 'vitest';
import { judge } from '../source/judge.ts';
import { checkFunctionSize } from './check-function-size.ts';

function sized(head: string, lines: number, tail = '}'): string[] {
  const text = `${head}\n${'f();\n'.repeat(lines - 2)}${tail}\n`;
  return judge(checkFunctionSize, 'services/auth/src/a/a.test.ts', text);
}

describe('size of a function', () => {
  it.each([
    ['a declaration', 'function a() {', '}'],
    ['an arrow', 'const a = async () => {', '};'],
    ['a test', "it('a', () => {", '});'],
  ])('%s of 70 lines may be, of 71 must not', (_name, head, tail) => {
    expect(sized(head, 70, tail)).toEqual([]);
    expect(sized(head, 71, tail)).toEqual(['1: a function of 71 lines; at most 70']);
  });

  it('counts a method', () => {
    const text = `class A {\n  run() {\n${'f();\n'.repeat(80)}}\n}`;
    expect(judge(checkFunctionSize, 'scripts/a.ts', text)).toHaveLength(1);
  });

  it.each([
    "describe('a', () => {",
    "describe.each([1])('a', () => {",
    "describe.runIf(x)('a', () => {",
  ])('a suite may be longer: %s', (head) => {
    expect(sized(head, 200, '});')).toEqual([]);
  });

  it('a long test within a suite must not be', () => {
    const test = `it('b', () => {\n${'f();\n'.repeat(80)}});`;
    const text = `describe('a', () => {\n${test}\n});`;
    expect(judge(checkFunctionSize, 'scripts/a.test.ts', text)).toHaveLength(1);
  });
});
