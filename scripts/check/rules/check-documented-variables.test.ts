import { describe, expect, it } from 'vitest';
import { parseSource } from '../source/parse-source.ts';
import { checkDocumentedVariables } from './check-documented-variables.ts';

const config = parseSource(
  'services/auth/src/config.ts',
  `import { z } from 'zod';
const schema = z.object({
  AUTH_PORT: z.coerce.number(),
  COOKIE_KEYS: z.string().meta({ EXAMPLE: 'a' }),
  PORT: z.string(),
});
`,
);

function undocumented(...documents: string[]): string[] {
  return checkDocumentedVariables([config], documents).map(
    (breach) => breach.message.split(' ')[0] ?? '',
  );
}

describe('documented variables', () => {
  it('each must be told', () => {
    expect(undocumented('nothing here')).toEqual(['AUTH_PORT', 'COOKIE_KEYS', 'PORT']);
  });

  it('may be told in either document, or as a file', () => {
    expect(undocumented('AUTH_PORT=4000\nPORT=1', '| `COOKIE_KEYS_FILE` | keys |')).toEqual([]);
  });

  it('is not told by a longer name', () => {
    expect(undocumented('AUTH_PORT COOKIE_KEYS')).toEqual(['PORT']);
  });

  it('asks configurations of services only', () => {
    const other = parseSource('scripts/config.ts', 'export const a = { NAME: 1 };');
    expect(checkDocumentedVariables([other], ['nothing'])).toEqual([]);
  });
});
