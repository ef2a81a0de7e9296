import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex, toWord } from '../amounts/big-bytes.ts';
import { toRatString } from '../amounts/rational.ts';
import { keccakBytes, recoverSigner } from '../crypto/recover-signer.ts';
import {
  auxDataOf,
  expectedValue,
  flattenTicket,
  hashTicket,
  isWinning,
  type Ticket,
} from './ticket.ts';

type TicketJson = Readonly<Record<keyof Ticket, string>>;

function readVectors<T>(name: string): T {
  const url = new URL(`../../../../services/signer/vectors/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8')) as T;
}

function toTicket(json: TicketJson): Ticket {
  return {
    recipient: fromHex(json.recipient),
    sender: fromHex(json.sender),
    faceValue: BigInt(json.faceValue),
    winProb: BigInt(json.winProb),
    senderNonce: Number(json.senderNonce),
    recipientRandHash: fromHex(json.recipientRandHash),
    creationRound: BigInt(json.creationRound),
    creationRoundBlockHash: fromHex(json.creationRoundBlockHash),
  };
}

const vectors = readVectors<{
  auxDataGoTest: { round: number; hash: string; auxData: string }[];
  goTestHash: { ticket: TicketJson; flattened: string; hash: string }[];
  signed: { ticket: TicketJson; hash: string; signature: string; auxData: string }[];
  onChainRedeemed: { t: TicketJson; sig: string; recipientRand: string };
}>('ticket-hash-and-signature');

describe('ticket vectors of go-livepeer and the contract', () => {
  it.each(vectors.goTestHash)('hashes as TestHash does: %#', ({ ticket, flattened, hash }) => {
    expect(toHex(flattenTicket(toTicket(ticket)))).toBe(flattened);
    expect(toHex(hashTicket(toTicket(ticket)))).toBe(hash);
  });

  it.each(vectors.auxDataGoTest)('packs aux data of round $round', ({ round, hash, auxData }) => {
    const packed = auxDataOf({
      creationRound: BigInt(round),
      creationRoundBlockHash: fromHex(hash),
    });
    expect(toHex(packed)).toBe(auxData);
  });

  it.each(vectors.signed)('recovers the sender of signed ticket %#', (vector) => {
    const ticket = toTicket(vector.ticket);
    expect(toHex(hashTicket(ticket))).toBe(vector.hash);
    expect(recoverSigner(hashTicket(ticket), fromHex(vector.signature))).toBe(
      vector.ticket.sender.toLowerCase(),
    );
  });

  it('draws the ticket that the real contract redeemed as a winner', () => {
    const { t, sig, recipientRand } = vectors.onChainRedeemed;
    const ticket = toTicket(t);
    const drawn = { signature: fromHex(sig), recipientRand: BigInt(recipientRand) };
    expect(recoverSigner(hashTicket(ticket), drawn.signature)).toBe(t.sender.toLowerCase());
    expect(isWinning({ ...drawn, winProb: ticket.winProb })).toBe(true);
  });
});

describe('winning-ticket vectors', () => {
  const { cases } = readVectors<{
    cases: {
      winProb: string;
      signature: string;
      recipientRand: string;
      recipientRandHash: string;
      wins: boolean;
    }[];
  }>('winning-ticket');

  it.each(cases)('draws case %# as the contract does', (vector) => {
    const recipientRand = BigInt(vector.recipientRand);
    const drawn = {
      signature: fromHex(vector.signature),
      recipientRand,
      winProb: BigInt(vector.winProb),
    };
    expect(isWinning(drawn)).toBe(vector.wins);
    expect(toHex(keccakBytes(toWord(recipientRand)))).toBe(vector.recipientRandHash);
  });
});

describe('expected value vectors', () => {
  const { cases } = readVectors<{ cases: { faceValue: string; winProb: string; ev: string }[] }>(
    'ev',
  );

  it.each(cases)('is $ev for case %#', ({ faceValue, winProb, ev }) => {
    const value = expectedValue({ faceValue: BigInt(faceValue), winProb: BigInt(winProb) });
    expect(toRatString(value)).toBe(ev);
  });
});
