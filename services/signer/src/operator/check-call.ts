import type { BrokerCall } from '../custody/transaction.ts';
import type { Funds } from './read-funds.ts';
import { type FundsRefusal, refuseFunds } from './refusal.ts';

/** What the contract would refuse, said before anything is signed. */
export function checkCall(funds: Funds, call: BrokerCall): FundsRefusal | undefined {
  const { withdrawRound, currentRound } = funds;
  const holdsNothing = funds.depositWei === 0n && funds.reserveWei === 0n;
  const isUnlocking = withdrawRound !== 0n;
  switch (call.name) {
    case 'unlock':
      if (holdsNothing) return refuseFunds('nothing_held', 'there is no deposit and no reserve');
      return isUnlocking
        ? refuseFunds('already_unlocking', `can be withdrawn from round ${withdrawRound} on`)
        : undefined;
    case 'cancelUnlock':
      return isUnlocking ? undefined : refuseFunds('not_unlocking', 'no unlock was requested');
    case 'withdraw':
      if (holdsNothing) return refuseFunds('nothing_held', 'there is no deposit and no reserve');
      if (!isUnlocking) return refuseFunds('not_unlocking', 'request an unlock first');
      return currentRound < withdrawRound
        ? refuseFunds('locked', `until round ${withdrawRound}; it is round ${currentRound}`)
        : undefined;
    default:
      return undefined;
  }
}

/** What comes of a call that the operator may not think of. */
export function consequencesOf(funds: Funds, call: BrokerCall): string[] {
  switch (call.name) {
    case 'unlock':
      return [
        `can be withdrawn from round ${funds.currentRound + funds.unlockPeriod} on`,
        'payments stop one round before that; winning tickets are paid until it is withdrawn',
      ];
    case 'withdraw':
      return [
        `${funds.depositWei + funds.reserveWei} wei go to the account itself`,
        'every payment is refused after it; tickets that win later are not paid',
      ];
    case 'cancelUnlock':
      return [];
    default:
      return funds.withdrawRound === 0n ? [] : ['adding funds cancels the unlock under way'];
  }
}
