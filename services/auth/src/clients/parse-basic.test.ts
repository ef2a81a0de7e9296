import { describe, expect, it } from 'vitest';
import { parseBasic } from './parse-basic.ts';

const encode = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

describe('RFC 6749, 2.3.1: Basic credentials', () => {
  it('reads what is not form-encoded', () => {
    expect(parseBasic(encode('m2m_1:lp_cs_x'))).toEqual([{ id: 'm2m_1', secret: 'lp_cs_x' }]);
  });

  it('reads what is form-encoded, and keeps the plain reading', () => {
    expect(parseBasic(encode('m2m%5F1:a%3Ab+c'))).toEqual([
      { id: 'm2m_1', secret: 'a:b c' },
      { id: 'm2m%5F1', secret: 'a%3Ab+c' },
    ]);
  });

  it('splits at the first colon', () => {
    expect(parseBasic(encode('a:b:c'))).toEqual([{ id: 'a', secret: 'b:c' }]);
  });

  it('keeps the plain reading when percent signs are not an encoding', () => {
    expect(parseBasic(encode('a:100%'))).toEqual([{ id: 'a', secret: '100%' }]);
  });

  it.each([
    '',
    'Basic',
    'Basic ',
    'Bearer abc',
    encode('nocolon'),
    encode(':secret'),
    encode('a:b\u0000'),
    encode('a:é'),
    'Basic %%%',
    'Basic YTpi YTpi',
  ])('reads nothing from %j', (header) => {
    expect(parseBasic(header)).toEqual([]);
  });
});
