import { findFreePort } from '@clearinghouse/embedded';
import {
  concat,
  getBytes,
  keccak256,
  Signature,
  SigningKey,
  solidityPackedKeccak256,
  toBeHex,
  Wallet,
} from 'ethers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Anvil, startAnvil } from '../anvil/start-anvil.ts';
import { callRpc } from '../chain/call-rpc.ts';
import { advanceRounds } from '../contracts/advance-rounds.ts';
import { deployContracts } from '../contracts/deploy-contracts.ts';
import type { Deployment } from '../contracts/deployment.ts';
import { type Round, readRound } from '../contracts/read-round.ts';
import { fundSender } from './fund-sender.ts';
import { getSenderInfo } from './get-sender-info.ts';
import { type OnChainTicket, redeemWinningTicket } from './redeem-winning-ticket.ts';

const ETHER = 10n ** 18n;
const CURVE_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const HALF = 2n ** 255n;
const RECIPIENT_RAND = 1234567890n;

/** What is handed to the contract; each case of the table changes one thing of it. */
type Submission = { ticket: OnChainTicket; signature: string; recipientRand: bigint };

const sender = Wallet.createRandom();
const recipient = Wallet.createRandom().address;

// Written from the specification with plain ethers; nothing here is shared with the signer.
const hashOf = (ticket: OnChainTicket) =>
  solidityPackedKeccak256(
    ['address', 'address', 'uint256', 'uint256', 'uint256', 'bytes32', 'bytes'],
    [
      ticket.recipient,
      ticket.sender,
      ticket.faceValue,
      ticket.winProb,
      ticket.senderNonce,
      ticket.recipientRandHash,
      ticket.auxData,
    ],
  );
const auxDataOf = (round: Round) => concat([toBeHex(round.number, 32), round.blockHash]);
const sign = (ticket: OnChainTicket) => sender.signMessageSync(getBytes(hashOf(ticket)));
const wins = (ticket: OnChainTicket, signature = sign(ticket)) =>
  BigInt(keccak256(concat([signature, toBeHex(RECIPIENT_RAND, 32)]))) < ticket.winProb;

describe('TicketBroker on a local chain (remote signer specification, section 6)', () => {
  let anvil: Anvil;
  let contracts: Deployment;
  let winning: OnChainTicket;
  let losing: OnChainTicket;
  let earlier: Round;

  const rpcUrl = () => anvil.rpcUrl;
  const redeem = (submission: Submission) =>
    redeemWinningTicket({
      rpcUrl: rpcUrl(),
      ticketBroker: contracts.ticketBroker,
      ...submission,
    });
  const submissionOf = (ticket: OnChainTicket): Submission => ({
    ticket,
    signature: sign(ticket),
    recipientRand: RECIPIENT_RAND,
  });
  const readFunds = () =>
    getSenderInfo({
      rpcUrl: rpcUrl(),
      ticketBroker: contracts.ticketBroker,
      senderAddress: sender.address,
    });
  const sandbox = async (work: () => Promise<void>) => {
    const snapshot = await callRpc(rpcUrl(), 'evm_snapshot', []);
    await work().finally(() => callRpc(rpcUrl(), 'evm_revert', [snapshot]));
  };

  beforeAll(async () => {
    anvil = await startAnvil({ port: await findFreePort() });
    contracts = await deployContracts({ rpcUrl: rpcUrl() });
    await fundSender({
      rpcUrl: rpcUrl(),
      ticketBroker: contracts.ticketBroker,
      senderAddress: sender.address,
      depositWei: 4n * ETHER,
      reserveWei: 5n * ETHER,
    });
    const { roundsManager } = contracts;
    earlier = await readRound({ rpcUrl: rpcUrl(), roundsManager });
    await advanceRounds({ rpcUrl: rpcUrl(), roundsManager });
    const round = await readRound({ rpcUrl: rpcUrl(), roundsManager });
    const tickets = Array.from({ length: 64 }, (_, index) => ({
      recipient,
      sender: sender.address,
      faceValue: ETHER,
      winProb: HALF,
      senderNonce: BigInt(index + 1),
      recipientRandHash: keccak256(toBeHex(RECIPIENT_RAND, 32)),
      auxData: auxDataOf(round),
    }));
    winning = tickets.find((ticket) => wins(ticket)) as OnChainTicket;
    losing = tickets.find((ticket) => !wins(ticket)) as OnChainTicket;
  });
  afterAll(() => anvil.stop());

  it('pays a winning ticket out of the deposit, once', () =>
    sandbox(async () => {
      expect(await redeem(submissionOf(winning))).toMatchObject({ redeemed: true, paidWei: ETHER });
      expect(await readFunds()).toMatchObject({ depositWei: 3n * ETHER, reserveWei: 5n * ETHER });
      expect(await redeem(submissionOf(winning))).toEqual({
        redeemed: false,
        reason: 'ticket is used',
      });
    }));

  it('takes a ticket of the round before, and no older one', () =>
    sandbox(async () => {
      const { roundsManager } = contracts;
      await advanceRounds({ rpcUrl: rpcUrl(), roundsManager });
      await sandbox(async () => {
        expect((await redeem(submissionOf(winning))).redeemed).toBe(true);
      });
      await advanceRounds({ rpcUrl: rpcUrl(), roundsManager });
      expect(await redeem(submissionOf(winning))).toEqual({
        redeemed: false,
        reason: 'ticket is expired',
      });
    }));

  it('pays no more than deposit and the share of the reserve, whatever the face value', () =>
    sandbox(async () => {
      let big = { ...winning, faceValue: 100n * ETHER };
      while (!wins(big)) big = { ...big, senderNonce: big.senderNonce + 1n };
      expect(await redeem(submissionOf(big))).toMatchObject({
        redeemed: true,
        paidWei: 5n * ETHER,
      });
      expect(await readFunds()).toMatchObject({
        depositWei: 0n,
        reserveWei: 4n * ETHER,
        claimedInCurrentRoundWei: ETHER,
      });
    }));

  // The contract takes the 64 bytes of EIP-2098 too, and draws by the bytes it is given: every
  // ticket can be drawn twice. What is expected to be paid is therefore up to twice the EV.
  it('draws a second time for the compact form of the same signature', () =>
    sandbox(async () => {
      const compact = (ticket: OnChainTicket) => Signature.from(sign(ticket)).compactSerialized;
      let ticket = losing;
      while (wins(ticket) || !wins(ticket, compact(ticket))) {
        ticket = { ...ticket, senderNonce: ticket.senderNonce + 1n };
      }
      expect((await redeem(submissionOf(ticket))).redeemed).toBe(false);
      const answer = await redeem({ ...submissionOf(ticket), signature: compact(ticket) });
      expect(answer).toMatchObject({ redeemed: true, paidWei: ETHER });
    }));

  it('refuses a ticket that did not win', async () => {
    expect(await redeem(submissionOf(losing))).toEqual({
      redeemed: false,
      reason: 'ticket did not win',
    });
  });

  const BAD_SIGNATURE = 'invalid signature over ticket hash';
  const withTicket = (change: (ticket: OnChainTicket) => Partial<OnChainTicket>) => () => ({
    ...submissionOf(winning),
    ticket: { ...winning, ...change(winning) },
  });
  const withSignature = (change: (signature: Signature) => string) => () => ({
    ...submissionOf(winning),
    signature: change(Signature.from(sign(winning))),
  });
  const resigned = (change: (ticket: OnChainTicket) => Partial<OnChainTicket>) => () =>
    submissionOf({ ...winning, ...change(winning) });
  const rawSign = (digest: string) => new SigningKey(sender.privateKey).sign(digest).serialized;

  it.each<[string, () => Submission, string]>([
    ['face value + 1', withTicket((t) => ({ faceValue: t.faceValue + 1n })), BAD_SIGNATURE],
    ['win probability + 1', withTicket((t) => ({ winProb: t.winProb + 1n })), BAD_SIGNATURE],
    ['nonce + 1', withTicket((t) => ({ senderNonce: t.senderNonce + 1n })), BAD_SIGNATURE],
    ['another recipient', withTicket(() => ({ recipient: sender.address })), BAD_SIGNATURE],
    ['another sender', withTicket(() => ({ sender: recipient })), BAD_SIGNATURE],
    ['the round before', withTicket(() => ({ auxData: auxDataOf(earlier) })), BAD_SIGNATURE],
    [
      'a round without a block hash',
      resigned(() => ({ auxData: auxDataOf({ ...earlier, number: 0n }) })),
      'ticket creationRound does not have a block hash',
    ],
    [
      'another block hash',
      resigned((t) => ({ auxData: concat([t.auxData.slice(0, 66), toBeHex(1n, 32)]) })),
      'ticket creationRoundBlockHash invalid for creationRound',
    ],
    [
      'another recipientRand',
      () => ({ ...submissionOf(winning), recipientRand: RECIPIENT_RAND + 1n }),
      'recipientRand does not match recipientRandHash',
    ],
    [
      'empty auxData',
      resigned(() => ({ auxData: '0x' })),
      'invalid length for ticket auxData: must be 64 bytes',
    ],
    [
      'a flipped byte of the signature',
      // Of s: another r is on the curve only half of the time, and is refused otherwise.
      withSignature(({ r, s, v }) => concat([r, toBeHex(BigInt(s) ^ 1n, 32), toBeHex(v)])),
      BAD_SIGNATURE,
    ],
    [
      'v as 0 or 1',
      withSignature(({ r, s, yParity }) => concat([r, s, toBeHex(yParity, 1)])),
      "ECDSA: invalid signature 'v' value",
    ],
    [
      'high s',
      withSignature(({ r, s, yParity }) =>
        concat([r, toBeHex(CURVE_ORDER - BigInt(s), 32), toBeHex(28 - yParity)]),
      ),
      "ECDSA: invalid signature 's' value",
    ],
    [
      'a signature of 66 bytes',
      withSignature(({ serialized }) => concat([serialized, '0x00'])),
      'ECDSA: invalid signature length',
    ],
    [
      'a signature of 64 bytes that is not compact',
      withSignature(({ r, s }) => concat([r, toBeHex(BigInt(s) ^ 1n, 32)])),
      BAD_SIGNATURE,
    ],
    [
      'a signature without the EIP-191 prefix',
      () => ({ ...submissionOf(winning), signature: rawSign(hashOf(winning)) }),
      BAD_SIGNATURE,
    ],
    [
      'a signature over one keccak too many',
      () => ({
        ...submissionOf(winning),
        signature: sender.signMessageSync(getBytes(keccak256(hashOf(winning)))),
      }),
      BAD_SIGNATURE,
    ],
  ])('refuses %s', async (_name, build, reason) => {
    expect(await redeem(build())).toEqual({ redeemed: false, reason });
  });

  it('leaves the funds alone when it refuses', async () => {
    expect(await readFunds()).toMatchObject({ depositWei: 4n * ETHER, reserveWei: 5n * ETHER });
  });
});
