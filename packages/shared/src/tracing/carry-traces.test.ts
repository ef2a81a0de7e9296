import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { credentialRequestSchema } from '../contracts/credential-verify.ts';
import { holdRequestSchema } from '../contracts/hold-request.ts';
import { settleRequestSchema } from '../contracts/usage-settle.ts';
import { carryTraces } from './carry-traces.ts';

const TRACE = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;

/** The requests as the release before traces read them. */
const BEFORE = {
  hold: z.object({ replicaId: z.string(), items: z.array(z.unknown()).min(1).max(500) }),
  credential: z.object({
    items: z
      .array(z.object({ keySha256: z.string() }))
      .min(1)
      .max(500),
  }),
};

describe('traces in a message', () => {
  it('are no field at all where nothing is traced', () => {
    expect(carryTraces([undefined, undefined])).toEqual({});
    expect(carryTraces([])).toEqual({});
    expect(carryTraces([undefined, TRACE])).toEqual({ traces: ['', TRACE] });
  });

  it('are left out by a service that does not know them yet', () => {
    const hold = { replicaId: 'signer-1', items: [{}], ...carryTraces([TRACE]) };
    expect(BEFORE.hold.parse(hold)).toEqual({ replicaId: 'signer-1', items: [{}] });
    const credential = { items: [{ keySha256: 'x' }], ...carryTraces([TRACE]) };
    expect(BEFORE.credential.parse(credential)).toEqual({ items: [{ keySha256: 'x' }] });
  });

  it('are missed by no service that does', () => {
    const hold = { replicaId: 'signer-1', items: [{}] };
    expect(holdRequestSchema.parse(hold).traces).toBeUndefined();
    expect(holdRequestSchema.parse({ ...hold, traces: [TRACE] }).traces).toEqual([TRACE]);
  });

  it.each([
    ['a number', 1],
    ['text', TRACE],
    ['numbers', [1]],
    ['too long', ['x'.repeat(65)]],
    ['too many', Array.from({ length: 501 }, () => '')],
    ['null', null],
  ])('refuse no message: %s', (_name, traces) => {
    const items = [{ keySha256: '0'.repeat(64), fromBrowser: false }];
    for (const parsed of [
      holdRequestSchema.parse({ replicaId: 'signer-1', items: [{}], traces }),
      credentialRequestSchema.parse({ items, traces }),
      settleRequestSchema.partial({ items: true }).parse({ replicaId: 'signer-1', traces }),
    ]) {
      expect(parsed.traces).toBeUndefined();
    }
  });
});
