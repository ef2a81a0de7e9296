import { describe, expect, it } from 'vitest';
import { createRandom } from './create-random.ts';

const take = (seed: number) => {
  const random = createRandom(seed);
  return Array.from({ length: 2_000 }, () => random.between(3, 7));
};

describe('numbers of a drill', () => {
  it('follow from the seed alone', () => {
    expect(take(4)).toEqual(take(4));
    expect(take(4)).not.toEqual(take(5));
  });

  it('lie between both ends, which are reached', () => {
    expect(new Set(take(1))).toEqual(new Set([3, 4, 5, 6, 7]));
  });

  it('pick every value', () => {
    const random = createRandom(2);
    const picked = Array.from({ length: 200 }, () => random.pick(['a', 'b', 'c']));
    expect(new Set(picked)).toEqual(new Set(['a', 'b', 'c']));
  });
});
