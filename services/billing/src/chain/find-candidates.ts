import type { Transaction } from '@clearinghouse/shared';
import type { HoldState } from '../holds/hold.ts';
import type { CandidateHold, Redemption } from './judge-redemption.ts';

/** No nonce of ours is larger; what is would not fit the column either. */
const NONCE_MAX = 2n ** 32n;

type Row = {
  id: string;
  state: number;
  face_value_wei: string;
  win_prob: string;
  creation_round: string;
  creation_block_hash: Buffer;
  nonce_from: bigint;
  nonce_to: bigint;
  tickets_hash: Buffer | null;
};

/** Holds whose tickets could be this one: same sender, same recipientRandHash, nonce in range. */
export async function findCandidates(
  tx: Transaction,
  ticket: Pick<Redemption, 'sender' | 'recipientRandHash' | 'senderNonce'>,
): Promise<readonly CandidateHold[]> {
  if (ticket.senderNonce >= NONCE_MAX) return [];
  const nonce = ticket.senderNonce.toString();
  const rows = await tx<Row[]>`
    select id, state, face_value_wei, win_prob, creation_round, creation_block_hash, nonce_from,
      nonce_to, tickets_hash
    from billing.holds
    where recipient_rand_hash = ${Buffer.from(ticket.recipientRandHash, 'hex')}
      and sender = ${Buffer.from(ticket.sender.slice(2), 'hex')}
      and nonce_from <= ${nonce}::bigint and nonce_to >= ${nonce}::bigint`;
  return rows.map((row) => ({
    id: row.id,
    state: row.state as HoldState,
    faceValueWei: BigInt(row.face_value_wei),
    winProb: BigInt(row.win_prob),
    creationRound: BigInt(row.creation_round),
    creationBlockHash: row.creation_block_hash.toString('hex'),
    nonceFrom: Number(row.nonce_from),
    nonceTo: Number(row.nonce_to),
    ticketsHash: row.tickets_hash?.toString('hex'),
  }));
}
