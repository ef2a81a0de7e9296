import { describe, expect, it } from 'vitest';
import { formatAnswer } from './format-answer.ts';

describe('an answer for a person', () => {
  it('is a table of what is listed, and the rest below', () => {
    const apps = [{ id: 'a', name: 'One' }, { id: 'bb' }];
    expect(formatAnswer({ apps, next: { after: 'bb' } })).toBe(
      'id  name\na   One\nbb  -\n\nnext  {"after":"bb"}',
    );
    expect(formatAnswer({ apps: [], next: null })).toBe('no apps');
  });

  it('is a line a member of one thing, whole however long: it may be a key', () => {
    const key = 'k'.repeat(80);
    expect(formatAnswer({ id: 1, scopes: [], key })).toBe(`id      1\nscopes  []\nkey     ${key}`);
  });
});
