import { describe, expect, test } from 'vitest';
import vectors from '../../vectors/go-crosscheck.json' with { type: 'json' };
import { SIGNER_LIMITS } from '../limits.ts';
import { decodePaymentRequest } from './decode-payment-request.ts';
import type { PaymentRequest } from './payment-request.ts';

function decode(text: string) {
  return decodePaymentRequest(Buffer.from(text, 'utf8'));
}

function accepted(text: string): PaymentRequest {
  const decoded = decode(text);
  if (!decoded.ok) throw new Error(`refused: ${text}`);
  return decoded.request;
}

/** As go-livepeer's own struct marshals again, which is what the vectors hold. */
function asGo(request: PaymentRequest): unknown {
  const { maxPrice } = request;
  const bytes = (value: Uint8Array) =>
    value.length === 0 ? null : Buffer.from(value).toString('base64');
  return {
    state: { State: bytes(request.stateBytes), Sig: bytes(request.stateSig) },
    orchestrator: bytes(request.orchestrator),
    ManifestID: request.manifestId,
    ...(request.app === '' ? {} : { app: request.app }),
    inPixels: Number(request.inPixels),
    type: request.type,
    ...(maxPrice === undefined ? {} : { maxPrice: dropEmpty(maxPrice) }),
    capabilities: bytes(request.capabilities),
  };
}

function dropEmpty(maxPrice: NonNullable<PaymentRequest['maxPrice']>): unknown {
  const texts = Object.entries(maxPrice).filter(([, text]) => text !== '');
  return { ...Object.fromEntries(texts), price: Number(maxPrice.price) };
}

describe('request decoding: what Go accepts and refuses', () => {
  test.each(vectors.requestDecode)('$in', (vector) => {
    const decoded = decode(vector.in);
    if ('error' in vector) {
      expect(decoded).toMatchObject({ ok: false, code: 'invalid_json' });
    } else {
      expect(asGo(accepted(vector.in))).toEqual(vector.decoded);
    }
  });

  test('the request of a go-livepeer gateway without anything', () => {
    const request = accepted(vectors.gatewayRequestEmpty);
    expect(request).toMatchObject({ manifestId: 'm', type: '', inPixels: 0n, maxPrice: undefined });
    expect(request.stateBytes).toHaveLength(0);
  });
});

describe('request decoding: integers', () => {
  test.each([
    ['9223372036854775807', 9223372036854775807n],
    ['-9223372036854775808', -9223372036854775808n],
    ['9007199254740993', 9007199254740993n],
    ['-0', 0n],
  ])('inPixels %s keeps all its digits', (text, value) => {
    expect(accepted(`{"inPixels":${text}}`).inPixels).toBe(value);
  });

  test.each(['-9223372036854775809', '01', '+1', '0x1', 'true', '[]', '{}', `1${'0'.repeat(99)}`])(
    'inPixels %s is refused',
    (text) => {
      expect(decode(`{"inPixels":${text}}`).ok).toBe(false);
    },
  );
});

describe('request decoding: keys', () => {
  test('the last of several wins, whatever their case', () => {
    const text = '{"ManifestID":"a","manifestid":"b","ManifestID":"c"}';
    expect(accepted(text).manifestId).toBe('c');
  });

  test('objects given twice are merged, as Go fills one struct twice', () => {
    const text = '{"state":{"State":"AQ=="},"STATE":{"Sig":"Ag=="}}';
    const request = accepted(text);
    expect([...request.stateBytes, ...request.stateSig]).toEqual([1, 2]);
  });

  test('null leaves a text and empties bytes', () => {
    const request = accepted('{"app":"x","app":null,"orchestrator":"AQ==","orchestrator":null}');
    expect(request.app).toBe('x');
    expect(request.orchestrator).toHaveLength(0);
  });

  test('maxPrice null takes an earlier one away', () => {
    expect(accepted('{"maxPrice":{"price":1},"maxPrice":null}').maxPrice).toBeUndefined();
  });

  test('Go folds the long s and the Kelvin sign', () => {
    expect(accepted('{"ſtate":{"ſig":"AQ=="}}').stateSig).toHaveLength(1);
  });

  test('__proto__ and constructor are unknown keys like others', () => {
    const request = accepted('{"__proto__":{"type":"lv2v"},"constructor":1,"type":"live"}');
    expect(request.type).toBe('live');
    expect(Object.getPrototypeOf(request)).toBe(Object.prototype);
    expect(({} as { type?: string }).type).toBeUndefined();
  });
});

describe('request decoding: bytes', () => {
  test.each([
    '"AQ==AQ=="',
    '"A==="',
    '"===="',
    '"AQ"',
    '"AQ_="',
    '[256]',
    '[-1]',
    '[1.0]',
    '["1"]',
  ])('%s is refused', (text) => {
    expect(decode(`{"orchestrator":${text}}`).ok).toBe(false);
  });

  test('line ends inside base64 and null inside an array are fine', () => {
    expect([...accepted('{"orchestrator":"AQ\\r\\nI\\n="}').orchestrator]).toEqual([1, 2]);
    expect([...accepted('{"orchestrator":[null,255]}').orchestrator]).toEqual([0, 255]);
  });
});

describe('request decoding: text', () => {
  test('half surrogates become U+FFFD, whole ones stay', () => {
    expect(accepted('{"app":"\\ud800x\\udc00\\ud83d\\ude00"}').app).toBe('\ufffdx\ufffd😀');
  });

  test('bytes that are not UTF-8 become U+FFFD', () => {
    const body = Buffer.concat([Buffer.from('{"app":"'), Buffer.from([0xff]), Buffer.from('"}')]);
    const decoded = decodePaymentRequest(body);
    expect(decoded).toMatchObject({ ok: true, request: { app: '\ufffd' } });
  });

  test.each(['{"app":"a\nb"}', '{"app":"\\x"}', '{"app":"\\u12"}', '{"app":"a}', "{'app':1}"])(
    '%j is refused',
    (text) => {
      expect(decode(text).ok).toBe(false);
    },
  );
});

describe('request decoding: bounds', () => {
  test('a body above the limit is refused unread', () => {
    const body = Buffer.alloc(SIGNER_LIMITS.bodyBytesMax + 1, ' ');
    expect(decodePaymentRequest(body)).toMatchObject({ code: 'body_too_large' });
  });

  test('nesting beyond the limit is refused, and does not exhaust the stack', () => {
    const deep = (depth: number) => `{"x":${'['.repeat(depth)}${']'.repeat(depth)}}`;
    expect(decode(deep(SIGNER_LIMITS.jsonDepthMax - 1)).ok).toBe(true);
    expect(decode(deep(SIGNER_LIMITS.jsonDepthMax + 1)).ok).toBe(false);
    expect(decode('['.repeat(200_000)).ok).toBe(false);
  });
});

describe('request decoding: shape of the whole', () => {
  test.each(['1', 'true', '{"a" 1}', '{"a":1,}', '[1', '{,}', 'nul', '\ufeff{}'])('%s', (text) => {
    expect(decode(text).ok).toBe(false);
  });

  test('only the first value counts', () => {
    expect(accepted(' {"type":"live"} {"type":"fixed"}').type).toBe('live');
    expect(accepted('null]').type).toBe('');
  });

  test('maxPrice keeps the digits of its price', () => {
    const text = '{"maxPrice":{"PRICE":0.10000000000000000000001,"currency":null,"unit":"x"}}';
    const maxPrice = { price: '0.10000000000000000000001', currency: '', unit: 'x' };
    expect(accepted(text).maxPrice).toEqual(maxPrice);
    expect(decode('{"maxPrice":{"price":true}}').ok).toBe(false);
    expect(decode('{"maxPrice":[]}').ok).toBe(false);
  });
});
