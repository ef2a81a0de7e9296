import { describe, expect, test } from 'vitest';
import { errorBody, refreshHeaders } from './error-body.ts';
import { quoteGoString } from './quote-go-string.ts';

describe('error envelope', () => {
  test('message first, then the code, with a newline', () => {
    const body = errorBody({ status: 482, code: 'no_tickets', message: 'no tickets' });
    expect(body).toBe('{"error":{"message":"no tickets","code":"no_tickets"}}\n');
  });

  test('500 and 503 never tell the real text', () => {
    const masked = (status: number) => errorBody({ status, code: 'internal', message: 'secret' });
    expect(masked(500)).toContain('"message":"Internal Server Error"');
    expect(masked(503)).toContain('"message":"Service Unavailable Error"');
    expect(masked(500) + masked(503)).not.toContain('secret');
  });

  test('HTML is escaped as Go does', () => {
    const body = errorBody({ status: 400, code: 'invalid_ticket_params', message: 'a > b & <c>' });
    expect(body).toContain('a \\u003e b \\u0026 \\u003cc\\u003e');
  });
});

describe('Go string escapes', () => {
  test.each([
    ['plain é', '"plain é"'],
    ['"\\', '"\\"\\\\"'],
    ['\b\f\n\r\t', '"\\b\\f\\n\\r\\t"'],
    ['\u0001\u001f', '"\\u0001\\u001f"'],
    ['\u2028\u2029', '"\\u2028\\u2029"'],
    ['a\ud800b', '"a\ufffdb"'],
    ['😀', '"😀"'],
  ])('%j', (text, quoted) => {
    expect(quoteGoString(text)).toBe(quoted);
    expect(JSON.parse(quoteGoString(text))).toBe(text.toWellFormed());
  });
});

describe('480: the orchestrator in a header', () => {
  test('its URL', () => {
    const headers = { 'Livepeer-Orchestrator-URL': 'https://orch.example:8935' };
    expect(refreshHeaders('https://orch.example:8935')).toEqual(headers);
  });

  test.each(['', 'https://a\r\nX-Evil: 1', 'https://a b', 'https://ü.example'])(
    '%j is left out',
    (url) => {
      expect(refreshHeaders(url)).toEqual({});
    },
  );
});
