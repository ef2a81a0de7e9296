import { describe, expect, it } from 'vitest';
import { judge } from '../source/judge.ts';
import { checkEmptyCatch } from './check-empty-catch.ts';

function caught(text: string): string[] {
  return judge(checkEmptyCatch, 'services/auth/src/a.ts', text);
}

describe('empty catch', () => {
  it.each(['try { f(); } catch {}', 'try { f(); } catch (error) { }'])(
    'must not be: %s',
    (text) => {
      expect(caught(text)).toHaveLength(1);
    },
  );

  it('may be with its reason within', () => {
    expect(caught('try { f(); } catch { /* the file is gone already */ }')).toEqual([]);
  });

  it('is not excused by a comment elsewhere', () => {
    expect(caught('// why\ntry { f(); } catch {} // why')).toHaveLength(1);
  });

  it('lets a catch that does something pass', () => {
    expect(caught('try { f(); } catch { g(); }')).toEqual([]);
  });
});
