import { describe, expect, test } from 'vitest';
import goVectors from '../../vectors/go-crosscheck.json' with { type: 'json' };
import vectors from '../../vectors/payment-protobuf.json' with { type: 'json' };
import { SIGNER_LIMITS } from '../limits.ts';
import { decodeOrchestratorInfo } from './decode-orchestrator-info.ts';
import { openMessage } from './message-writer.ts';
import { toInteger } from './normalise-bytes.ts';

const message = Buffer.from(vectors.orchestratorInfo.base64, 'base64');
const { decoded } = vectors.orchestratorInfo;

/** An OrchestratorInfo of one field. */
function only(field: number, value: Uint8Array): Uint8Array {
  const out = openMessage();
  out.message(field, value);
  return out.finish();
}

/** Ticket params of one field. */
function params(field: number, value: Uint8Array) {
  return decodeOrchestratorInfo(only(2, only(field, value)))?.ticketParams;
}

function fromBase64(text: string): Buffer {
  return Buffer.from(text, 'base64');
}

describe('OrchestratorInfo: what was decoded is remembered by its bytes', () => {
  test('the same bytes are decoded once, in whatever buffer they come', () => {
    const first = decodeOrchestratorInfo(Buffer.from(message));
    expect(decodeOrchestratorInfo(new Uint8Array(message))).toBe(first);
  });

  test('a buffer that is used again changes nothing of what was decoded', () => {
    const buffer = Buffer.from(only(4, Buffer.alloc(20, 7)));
    const before = decodeOrchestratorInfo(buffer);
    buffer.fill(9, buffer.length - 20);
    expect(before?.address).toBe(`0x${'07'.repeat(20)}`);
    expect(decodeOrchestratorInfo(buffer)?.address).toBe(`0x${'09'.repeat(20)}`);
    expect(decodeOrchestratorInfo(only(4, Buffer.alloc(20, 7)))).toBe(before);
  });

  test('one byte more or less is another message', () => {
    const url = 'https://orchestrator.example:8935';
    const of = (text: string) => decodeOrchestratorInfo(only(1, Buffer.from(text)))?.transcoder;
    expect([of(url), of(`${url}1`), of(url.slice(0, -1)), of(url)]).toEqual([
      url,
      `${url}1`,
      url.slice(0, -1),
      url,
    ]);
  });

  test('what was refused is refused again', () => {
    const bad = Buffer.from([0xff]);
    expect([decodeOrchestratorInfo(bad), decodeOrchestratorInfo(bad)]).toEqual([
      undefined,
      undefined,
    ]);
  });
});

describe('OrchestratorInfo: the go-livepeer vector', () => {
  const info = decodeOrchestratorInfo(message);

  test('address, URL, price', () => {
    expect(info?.transcoder).toBe(decoded.transcoder);
    expect(info?.address).toBe(`0x${fromBase64(decoded.address).toString('hex')}`);
    expect(info?.priceInfo).toMatchObject({
      pricePerUnit: 48n,
      pixelsPerUnit: 1000n,
      capability: 35,
      constraint: 'streamdiffusion',
    });
  });

  test('ticket params', () => {
    const ticket = decoded.ticket_params;
    expect(info?.ticketParams).toMatchObject({
      faceValueWei: toInteger(fromBase64(ticket.face_value)),
      winProb: toInteger(fromBase64(ticket.win_prob)),
      seed: toInteger(fromBase64(ticket.seed)),
      expirationBlock: 21_000_040n,
      creationRound: 3456n,
    });
    expect(Buffer.from(info?.ticketParams?.recipientRandHash ?? [])).toEqual(
      fromBase64(ticket.recipient_rand_hash),
    );
  });

  test('auth token, encoded as it came', () => {
    expect(info?.authToken).toMatchObject({
      sessionId: '9f1c2d3e',
      expirationSec: 1_893_456_000n,
    });
    expect(message.includes(Buffer.from(info?.authToken?.bytes ?? 'none'))).toBe(true);
  });
});

describe('OrchestratorInfo: what the parser refuses', () => {
  test.each(Object.keys(goVectors).filter((key) => key.startsWith('orchUnmarshalErr_')))(
    '%s',
    (key) => {
      const bytes = fromBase64(key.slice('orchUnmarshalErr_'.length));
      expect(decodeOrchestratorInfo(bytes)).toBeUndefined();
    },
  );

  test.each([
    ['a message cut short', message.subarray(0, 40)],
    ['a varint of eleven bytes', only(3, Buffer.from(`08${'ff'.repeat(10)}01`, 'hex'))],
    ['a varint above 64 bits', only(3, Buffer.from(`08${'ff'.repeat(9)}02`, 'hex'))],
    ['an open group', Buffer.from('33', 'hex')],
    ['a stray end of group', Buffer.from('34', 'hex')],
    ['groups without end', Buffer.alloc(60_000, 0x3b)],
    ['wire type 6', Buffer.from('0e', 'hex')],
    ['a length beyond the end', Buffer.from('0aff', 'hex')],
    ['text that is not UTF-8', only(1, Buffer.from([0xff]))],
    ['a URL with a line end', only(1, Buffer.from('https://a\r\nX: 1'))],
    ['a URL too long', only(1, Buffer.from(`https://${'a'.repeat(1024)}`))],
    ['a face value above uint256', only(2, only(2, Buffer.alloc(33, 1)))],
    ['a winProb above uint256', only(2, only(3, Buffer.alloc(33, 1)))],
    ['more bytes than allowed', only(99, Buffer.alloc(SIGNER_LIMITS.orchestratorInfoBytesMax))],
  ])('%s', (_, bytes) => {
    expect(decodeOrchestratorInfo(bytes)).toBeUndefined();
  });

  test('a negative creation round', () => {
    const expiration = openMessage();
    expiration.integer(1, -1n);
    expect(decodeOrchestratorInfo(only(2, only(7, expiration.finish())))).toBeUndefined();
  });
});

describe('OrchestratorInfo: normalised as go-ethereum does', () => {
  test('a long address keeps its last 20 bytes, a short one gets zeros before', () => {
    const long = Buffer.concat([Buffer.alloc(4, 9), Buffer.alloc(20, 7)]);
    expect(decodeOrchestratorInfo(only(4, long))?.address).toBe(`0x${'07'.repeat(20)}`);
    const short = decodeOrchestratorInfo(only(4, Buffer.from([5])))?.address;
    expect(short).toBe(`0x${'0'.repeat(39)}5`);
  });

  test('recipient and hash likewise', () => {
    expect(Buffer.from(params(1, Buffer.alloc(25, 3))?.recipient ?? [])).toEqual(
      Buffer.alloc(20, 3),
    );
    const hash = Buffer.from(params(4, Buffer.from([1]))?.recipientRandHash ?? []);
    expect(hash.toString('hex')).toBe(`${'0'.repeat(63)}1`);
  });

  test('absent messages are absent, an empty one is not', () => {
    const nothing = { priceInfo: undefined, ticketParams: undefined, authToken: undefined };
    expect(decodeOrchestratorInfo(only(1, Buffer.from('u')))).toMatchObject(nothing);
    expect(decodeOrchestratorInfo(only(2, Buffer.alloc(0)))?.ticketParams).toBeDefined();
  });
});

describe('OrchestratorInfo: messages that are passed on', () => {
  test('unknown fields of a price stay, behind the known ones', () => {
    const price = Buffer.from('78092001080510016801', 'hex');
    const bytes = decodeOrchestratorInfo(only(3, price))?.priceInfo?.bytes;
    // 20 01 is field 4 as a varint: not its type, so it is unknown as well.
    expect(Buffer.from(bytes ?? []).toString('hex')).toBe('08051001780920016801');
  });

  test('a message given twice is merged', () => {
    const twice = Buffer.concat([
      only(3, Buffer.from('0805', 'hex')),
      only(3, Buffer.from('1003', 'hex')),
    ]);
    expect(decodeOrchestratorInfo(twice)?.priceInfo).toMatchObject({
      pricePerUnit: 5n,
      pixelsPerUnit: 3n,
    });
  });

  test('negative int64 come back as they were', () => {
    const price = openMessage();
    price.integer(1, -7n);
    price.integer(2, -(1n << 63n));
    const bytes = price.finish();
    const info = decodeOrchestratorInfo(only(3, bytes))?.priceInfo;
    expect(info).toMatchObject({ pricePerUnit: -7n, pixelsPerUnit: -(1n << 63n) });
    expect(Buffer.from(info?.bytes ?? [])).toEqual(Buffer.from(bytes));
  });
});
