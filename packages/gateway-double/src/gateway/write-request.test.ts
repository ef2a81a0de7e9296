import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { writeGoRequest } from './write-go-request.ts';
import { writePythonRequest } from './write-python-request.ts';

const url = new URL('../../../../services/signer/vectors/go-crosscheck.json', import.meta.url);
const crosscheck = JSON.parse(readFileSync(url, 'utf8')) as { gatewayRequestEmpty: string };

const first = {
  state: undefined,
  orchestrator: Uint8Array.from([1, 2, 3]),
  manifestId: '',
  type: 'lv2v',
} as const;
const state = { State: 'e30=', Sig: 'AQ==' };

describe('the request as Go marshals it', () => {
  it("has the members of Go's own empty request, in their order", () => {
    const ours = writeGoRequest({ ...first, manifestId: 'm' })
      .replace('"orchestrator":"AQID"', '"orchestrator":null')
      .replace('"type":"lv2v"', '"type":""');
    expect(ours).toBe(crosscheck.gatewayRequestEmpty.trimEnd());
  });

  it('carries state, app, ceiling and capabilities where the struct has them', () => {
    const body = writeGoRequest({
      ...first,
      state,
      manifestId: 'a<b>&"\u2028',
      app: 'x',
      maxPrice: { price: '1.25', currency: 'wei', unit: 'seconds' },
      capabilities: Uint8Array.from([0x2a, 0]),
    });
    expect(body).toBe(
      '{"state":{"State":"e30=","Sig":"AQ=="},"orchestrator":"AQID",' +
        '"ManifestID":"a\\u003cb\\u003e\\u0026\\"\\u2028","app":"x","inPixels":0,"type":"lv2v",' +
        '"maxPrice":{"price":1.25,"currency":"wei","unit":"seconds"},"capabilities":"KgA="}',
    );
  });
});

describe('the request as python dumps it', () => {
  it('names neither state nor ManifestID at first', () => {
    expect(writePythonRequest(first)).toBe('{"orchestrator": "AQID", "type": "lv2v"}');
  });

  it('adds them when there are some, escaping what is not ASCII', () => {
    expect(writePythonRequest({ ...first, state, manifestId: 'é' })).toBe(
      '{"orchestrator": "AQID", "type": "lv2v", "ManifestID": "\\u00e9", ' +
        '"state": {"State": "e30=", "Sig": "AQ=="}}',
    );
  });
});
