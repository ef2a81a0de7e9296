import { setTimeout as sleep } from 'node:timers/promises';
import { callApi } from './call-api.ts';
import type { Operator } from './open-operator.ts';

/** Tickets of an account that were redeemed and, by the books, signed here. */
export type RedeemedInBooks = { readonly tickets: number; readonly paidWei: bigint };

type Sum = { readonly tickets: number; readonly paidWei: string };
type Chain = {
  readonly accounts: readonly {
    readonly address: string;
    readonly redeemed: Readonly<Record<string, Sum>>;
  }[];
};

const TIMEOUT_MS = 60_000;
const POLL_MS = 500;
/** Ours, and ours whose settlement was still on its way. */
const OURS = ['signed', 'unsettled'];

/** Reads what the books say of an account's redeemed tickets, on all chains. */
export async function readRedeemed(operator: Operator, sender: string): Promise<RedeemedInBooks> {
  const { origin, credential } = operator;
  const url = `${origin}/api/v1/admin/chain`;
  const { chains } = await callApi({ method: 'GET', url, credential });
  const sums = (chains as readonly Chain[])
    .flatMap(({ accounts }) => accounts)
    .filter(({ address }) => address === sender.toLowerCase())
    .flatMap(({ redeemed }) => OURS.flatMap((kind) => redeemed[kind] ?? []));
  return {
    tickets: sums.reduce((total, sum) => total + sum.tickets, 0),
    paidWei: sums.reduce((total, sum) => total + BigInt(sum.paidWei), 0n),
  };
}

/** Reads until the books have that many more, or the time is over: the comparison will say so. */
export async function awaitRedeemed(
  read: () => Promise<RedeemedInBooks>,
  input: { readonly before: RedeemedInBooks; readonly tickets: number },
): Promise<RedeemedInBooks> {
  const untilMs = Date.now() + TIMEOUT_MS;
  for (;;) {
    const now = await read();
    const tickets = now.tickets - input.before.tickets;
    if (tickets >= input.tickets || Date.now() > untilMs) {
      return { tickets, paidWei: now.paidWei - input.before.paidWei };
    }
    await sleep(POLL_MS);
  }
}
