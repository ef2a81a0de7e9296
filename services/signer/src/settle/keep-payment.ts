import { currentTrace, runStage, STAGES } from '@clearinghouse/shared';
import type { Kept, SignedHold } from '../holds/make-payment.ts';
import { encodeRecord } from '../journal/journal-record.ts';
import type { Journal } from '../journal/open-journal.ts';
import type { SettleKept } from './settle-kept.ts';

export type KeepPaymentDeps = {
  readonly journal: Pick<Journal, 'append'>;
  readonly settleKept: Pick<SettleKept, 'add'>;
};

/** Journals a signed payment, then sees to its settlement. Only a kept one may be given out. */
export async function keepPayment(deps: KeepPaymentDeps, payment: SignedHold): Promise<Kept> {
  const { holdId, hold, signed } = payment;
  const { ticketsHash } = signed;
  const signedAtNs = payment.signedAtNs.toString();
  const record = encodeRecord({
    v: 1,
    holdId,
    forkNo: payment.forkNo,
    replayed: payment.replayed,
    ticketHashes: Buffer.from(signed.ticketHashes).toString('base64'),
    ticketsHash,
    signedAtNs,
    hold,
  });
  const outcome = await runStage(STAGES['signer.journal'], () => deps.journal.append(record));
  if (outcome.kept !== 'kept') return outcome.kept;
  const { paymentHash } = hold.rebuild;
  const item = { holdId, ticketsHash, paymentHash, signedAtNs };
  deps.settleKept.add(outcome.place, { askNo: payment.askNo, item }, currentTrace());
  return 'kept';
}
