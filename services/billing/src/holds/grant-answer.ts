import type { GrantWire, HoldAnswerWire, HoldRefusal, Rebuild } from '@clearinghouse/shared';

/** A grant as it stands in the reply: money as decimal strings. */
export function toGrantWire(input: {
  holdId: string;
  forkNo: number;
  replayed: boolean;
  requestHash: string;
  rebuild: Rebuild;
}): GrantWire {
  const { rebuild } = input;
  return {
    ok: true,
    holdId: input.holdId,
    forkNo: input.forkNo,
    replayed: input.replayed,
    requestHash: input.requestHash,
    rebuild: {
      ...rebuild,
      nowNs: rebuild.nowNs.toString(),
      creationRound: rebuild.creationRound.toString(),
      feeWei: rebuild.feeWei.toString(),
    },
  };
}

/** A refusal as it stands in the reply. */
export function toRefusalWire(code: HoldRefusal): HoldAnswerWire {
  return { ok: false, code };
}
