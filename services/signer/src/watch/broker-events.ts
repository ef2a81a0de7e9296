import type { ChainEventName } from '@clearinghouse/shared';

/** keccak256 of the signatures of the TicketBroker's events; each has our account as first topic. */
export const EVENT_TOPICS: Readonly<Record<ChainEventName, string>> = {
  DepositFunded: '0x5159e237d952190e68d5215430f305831be7c9c8776d1377c76679ae4773413f',
  ReserveFunded: '0xb52b99b9e83551fcbd069b559cc3e823e2a1a3bad8ece46561ea77524394c850',
  ReserveClaimed: '0x5c2b394723f408a40a60335e24b71829642e35f350cebe2036a96a66e895ea98',
  WinningTicketTransfer: '0x8b87351a208c06e3ceee59d80725fd77a23b4129e1b51ca231fc89b40712649c',
  WinningTicketRedeemed: '0xc389eb51ed006dbf2528507f010efdf5225ea596e1e1741d74f550dab1925ee7',
  Withdrawal: '0xdf273cb619d95419a9cd0ec88123a0538c85064229baa6363788f743fff90deb',
  Unlock: '0xf7870c5b224cbc19873599e46ccfc7103934650509b1af0c3ce90138377c2004',
  UnlockCancelled: '0xfa044b7b93a40365dc68049797c2eb06918523d694e5d56e406cac3eb35578e5',
};

const NAMES = new Map(
  Object.entries(EVENT_TOPICS).map(([name, topic]) => [topic, name as ChainEventName]),
);

/** The event of a first topic. */
export function nameOfTopic(topic: string | undefined): ChainEventName | undefined {
  return topic === undefined ? undefined : NAMES.get(topic.toLowerCase());
}
