import { describe, expect, it } from 'vitest';
import { parseQueueKeys } from './parse-queue-keys.ts';

const hex = 'ab'.repeat(32);
const other = 'cd'.repeat(32);

describe('queue keys in the environment', () => {
  it('are one key', () => {
    const [first, second] = parseQueueKeys(`2026-11:${hex}`);
    expect(first.kid).toBe('2026-11');
    expect(first.key.export().toString('hex')).toBe(hex);
    expect(second).toBeUndefined();
  });

  it('are two keys of a rotation, in their order', () => {
    const kids = parseQueueKeys(`b:${other}, a:${hex}`).map((key) => key?.kid);
    expect(kids).toEqual(['b', 'a']);
  });

  it.each([
    '',
    hex,
    `:${hex}`,
    `a:${hex.slice(2)}`,
    `a:${hex}00`,
    `a:${hex.toUpperCase()}`,
    `a b:${hex}`,
    `a:${hex},`,
    `a:${hex},a:${other}`,
    `a:${hex},b:${other},c:${hex}`,
  ])('are refused in the shape %j, without saying the secret', (text) => {
    const parse = () => parseQueueKeys(text);
    expect(parse).toThrow();
    try {
      parse();
    } catch (error) {
      expect(String(error)).not.toContain('abab');
    }
  });
});
