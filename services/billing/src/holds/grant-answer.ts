import type { GrantWire, HoldAnswerWire, HoldRefusal } from '@clearinghouse/shared';
import type { RebuildTexts } from './checked-item.ts';

/** A grant as it stands in the reply: money as decimal strings. */
export function toGrantWire(input: {
  holdId: string;
  forkNo: number;
  replayed: boolean;
  requestHash: string;
  rebuild: RebuildTexts;
}): GrantWire {
  return { ok: true, ...input };
}

/** A refusal as it stands in the reply. */
export function toRefusalWire(code: HoldRefusal): HoldAnswerWire {
  return { ok: false, code };
}
