import { type HoldItem, holdItemSchema } from '@clearinghouse/shared';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeHoldItem } from '../testing/make-hold-item.ts';
import { parseHoldItem } from './parse-hold-item.ts';

describe('an item of a hold request', () => {
  const good = makeHoldItem();
  const rebuild = (over: object) => ({ ...good, rebuild: { ...good.rebuild, ...over } });
  const usage = (over: object) => ({ ...good, usage: { ...good.usage, ...over } });
  const principal = (over: object) => ({ ...good, principal: { ...good.principal, ...over } });

  it('is parsed to bigint, exactly', () => {
    const most = (2n ** 256n - 1n).toString();
    expect(parseHoldItem(rebuild({ feeWei: most }))?.feeWei).toBe(2n ** 256n - 1n);
  });

  it.each(['-1', '1.5', '1e18', ' 1', '0x10', 'NaN', 'Infinity', '٣', '', '01', null, 9e15])(
    'is refused for a fee of %j',
    (feeWei) => {
      expect(parseHoldItem(rebuild({ feeWei }))).toBeUndefined();
    },
  );

  it('is refused for 2^256 wei', () => {
    expect(parseHoldItem(rebuild({ feeWei: (2n ** 256n).toString() }))).toBeUndefined();
  });

  it.each([
    ['negative units', usage({ units: '-1' })],
    ['units of 39 digits', usage({ units: '1'.repeat(39) })],
    ['a model of 10 kB', usage({ model: 'm'.repeat(10_000) })],
    ['a NUL byte', usage({ model: 'a\u0000b' })],
    ['a price beyond int64', usage({ pricePerUnit: '9223372036854775808' })],
    ['a balance that is no number', rebuild({ newBalance: "1'; drop table" })],
    ['a balance with a NUL byte', rebuild({ newBalance: '1\u0000' })],
    ['another state in the rebuild record', rebuild({ stateId: 'elsewhere' })],
    ['nonces that are not its tickets', rebuild({ numTickets: 7 })],
    ['101 tickets', { ...rebuild({ numTickets: 101 }), nonceTo: 101 }],
    ['a user that is not the subject', principal({ userId: 'usr_other' })],
    ['no principal', { ...good, principal: undefined }],
  ])('is refused for %s', (_name, item) => {
    expect(parseHoldItem(item)).toBeUndefined();
  });

  it('takes a model that looks like a formula: it is text', () => {
    expect(parseHoldItem(usage({ model: '=HYPERLINK("x")' }))).toBeDefined();
  });

  it('is taken exactly when the schema of the contract takes it, with the same values', () => {
    const paths = leavesOf(good);
    const change = fc.tuple(fc.constantFrom(...paths), value);
    fc.assert(
      fc.property(fc.array(change, { maxLength: 3 }), (changes) => {
        const item = structuredClone(good);
        for (const [path, put] of changes) setAt(item, path, put);
        const known = parseBySchema(item);
        const parsed = parseHoldItem(item);
        expect(parsed === undefined).toBe(known === undefined);
        if (parsed && known) expect(toTexts(parsed)).toEqual(toTexts(known, known.rebuild.feeWei));
      }),
      { numRuns: 20_000 },
    );
  });

  it('drops what it does not know, at every level', () => {
    const noise = { hack: 1 };
    const noisy = {
      ...{ ...good, ...noise },
      principal: { ...good.principal, ...noise },
      usage: { ...good.usage, ...noise },
      rebuild: { ...good.rebuild, ...noise },
    };
    expect(parseHoldItem(noisy)).toEqual(parseHoldItem(good));
  });
});

const value: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    ...['', '0', '-0', '00', '-1', '+1', '1.5', '1e3', ' 1', '0x10', '\u0663', 'app', 'direct'],
    ...['lv2v', 'usr_1', 'a b', 'a\u0000', 'a\u007f', '\u00e9', 'x'.repeat(128), 'x'.repeat(129)],
    ...['x'.repeat(256), 'x'.repeat(257), 'x'.repeat(1024), 'x'.repeat(1025), '1'.repeat(512)],
    ...['1'.repeat(513), '9'.repeat(38), '9'.repeat(39), '9'.repeat(77), '9'.repeat(78)],
    ...[2n ** 256n - 1n, 2n ** 256n, 2n ** 63n - 1n, 2n ** 63n, -(2n ** 63n)].map(String),
    ...[(-(2n ** 63n) - 1n).toString(), 'ab'.repeat(32), 'AB'.repeat(32), 'ab'.repeat(31)],
    ...[`0x${'Ab'.repeat(20)}`, `0X${'ab'.repeat(20)}`, '-1/3', '1/', '1.25', '1/2/3', '1\n'],
    ...[0, -0, 1, -1, 1.5, 100, 101, 0xffff_ffff, 0x1_0000_0000, 2 ** 53 - 1, 2 ** 53],
    ...[Number.NaN, Number.POSITIVE_INFINITY, 1n, null, undefined, true, [], ['a'], {}],
  ),
  fc.string(),
  fc.integer(),
  fc.bigInt({ min: 0n, max: 2n ** 258n }).map(String),
);

type Path = readonly string[];

function leavesOf(item: object, path: Path = []): Path[] {
  const optional = ['userId', 'externalUserId', 'clientId', 'keyId', 'grantId', 'jti'];
  const more = path[0] === 'principal' ? optional.map((name) => [...path, name]) : [];
  const own = Object.entries(item).flatMap(([name, inner]): Path[] =>
    typeof inner === 'object'
      ? [[...path, name], ...leavesOf(inner as object, [...path, name])]
      : [[...path, name]],
  );
  return [...own, ...more];
}

function setAt(item: object, path: Path, put: unknown): void {
  const [name, ...rest] = path;
  const record = item as Record<string, unknown>;
  if (name === undefined) return;
  if (rest.length === 0) record[name] = put;
  else if (typeof record[name] === 'object' && record[name] !== null)
    setAt(record[name], rest, put);
}

/** The contract's schema, and what an item must not contradict. */
function parseBySchema(raw: unknown): HoldItem | undefined {
  const parsed = holdItemSchema.safeParse(raw);
  if (!parsed.success) return undefined;
  const { rebuild, principal, usage, nonceTo, stateId } = parsed.data;
  const user = principal.subject === 'app' ? undefined : principal.subject;
  const signed = [usage.pricePerUnit, usage.pixelsPerUnit];
  const initial = [rebuild.initialPricePerUnit, rebuild.initialPixelsPerUnit];
  const isConsistent =
    rebuild.stateId === stateId &&
    nonceTo - rebuild.nonceFrom + 1 === rebuild.numTickets &&
    (principal.userId === undefined || principal.userId === user) &&
    [...signed, ...initial].every((text) => BigInt.asIntN(64, BigInt(text)) === BigInt(text)) &&
    /^-?[0-9]+([/.][0-9]+)?$/.test(rebuild.newBalance);
  return isConsistent ? parsed.data : undefined;
}

/** All values as text, so that a bigint equals what it was written as. */
function toTexts(item: object, feeWei?: bigint): unknown {
  const whole = feeWei === undefined ? item : { ...item, feeWei };
  return JSON.parse(
    JSON.stringify(whole, (_name, inner) => (typeof inner === 'bigint' ? `${inner}` : inner)),
  );
}
