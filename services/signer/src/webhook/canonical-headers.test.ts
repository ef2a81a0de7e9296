import { describe, expect, test } from 'vitest';
import { callerKey } from './caller-key.ts';
import { canonicalHeaders, encodeHeaders } from './canonical-headers.ts';

describe('headers as Go holds them', () => {
  test.each([
    ['x-api-key', 'X-Api-Key'],
    ['AUTHORIZATION', 'Authorization'],
    ['signer-AUTH-id', 'Signer-Auth-Id'],
    ['etag', 'Etag'],
    ['x_under-score', 'X_under-Score'],
    ['1-2a-b', '1-2a-B'],
    ['bad name', 'bad name'],
  ])('%s is %s', (raw, canonical) => {
    expect([...canonicalHeaders([raw, 'v']).keys()]).toEqual([canonical]);
  });

  test('all values of a name stand together in their order', () => {
    const raw = ['x-a', '1', 'X-B', '2', 'X-A', '3'];
    expect(Object.fromEntries(canonicalHeaders(raw))).toEqual({ 'X-A': ['1', '3'], 'X-B': ['2'] });
  });

  test('Host and Transfer-Encoding are not in the map', () => {
    expect(canonicalHeaders(['host', 'a', 'transfer-encoding', 'chunked']).size).toBe(0);
  });

  test('are encoded with keys in order and Go’s escapes', () => {
    const headers = canonicalHeaders(['x-b', '<&>', 'x-a', 'say "hi"']);
    expect(encodeHeaders(headers)).toBe('{"X-A":["say \\"hi\\""],"X-B":["\\u003c\\u0026\\u003e"]}');
  });
});

describe('callers told apart by what they present', () => {
  test('the same headers are the same caller, but for those that name nobody', () => {
    const one = callerKey(['Authorization', 'Bearer a', 'X-Request-Id', '1']);
    expect(callerKey(['authorization', 'Bearer a'])).toBe(one);
    expect(callerKey(['authorization', 'Bearer b'])).not.toBe(one);
    expect(callerKey([])).not.toBe(one);
    expect(callerKey(['authorization', 'Bearer a', 'X-Other', '1'])).not.toBe(one);
    expect(callerKey(['b', '1', 'a', '2'])).toBe(callerKey(['A', '2', 'B', '1']));
    expect(callerKey(['a', '1', 'a', '2'])).not.toBe(callerKey(['a', '1, 2']));
  });

  test('the credential cannot be read from it', () => {
    expect(callerKey(['authorization', 'Bearer secret'])).not.toContain('secret');
  });
});
