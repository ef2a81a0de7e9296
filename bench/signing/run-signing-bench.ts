import { randomBytes } from 'node:crypto';
import { getBytes, Wallet } from 'ethers';
import secp256k1 from 'secp256k1';
import { takeCustody } from '../../services/signer/src/keystore/custody.ts';

/** Tickets signed per second, three ways in turn, so that the machine's drift hits all alike. */
export type SigningBench = {
  readonly oursPerSecond: number;
  readonly ethersPerSecond: number;
  readonly nativePerSecond: number;
  readonly timesEthers: number;
  readonly shareOfNative: number;
};

const ROUNDS = 7;
const BATCH = 100;
const OURS_BATCHES = 40;
const ETHERS_SIGNATURES = 400;

/** Median of rounds of: ours (hash and sign), ethers `signMessageSync`, the bare curve. */
export function runSigningBench(): SigningBench {
  const key = randomBytes(32);
  const custody = takeCustody(key);
  const wallet = new Wallet(`0x${key.toString('hex')}`);
  const digest = randomBytes(32);
  const message = getBytes(`0x${randomBytes(32).toString('hex')}`);
  const batch = {
    recipient: randomBytes(20),
    faceValueWei: 20_000_000_000_000n,
    winProb: 1n << 251n,
    recipientRandHash: randomBytes(32),
    creationRound: 3_456n,
    creationBlockHash: randomBytes(32),
    count: BATCH,
  };
  const output = new Uint8Array(64);
  let nonce = 1;
  const ours = () => {
    for (let index = 0; index < OURS_BATCHES; index += 1) {
      custody.signTickets({ ...batch, nonceFrom: nonce });
      nonce += BATCH;
    }
    return OURS_BATCHES * BATCH;
  };
  const ethers = () => {
    for (let index = 0; index < ETHERS_SIGNATURES; index += 1) wallet.signMessageSync(message);
    return ETHERS_SIGNATURES;
  };
  const native = () => {
    const count = OURS_BATCHES * BATCH;
    for (let index = 0; index < count; index += 1) secp256k1.ecdsaSign(digest, key, {}, output);
    return count;
  };
  const rates: number[][] = [[], [], []];
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [index, work] of [ours, ethers, native].entries()) {
      const rate = rateOf(work);
      if (round > 0) rates[index]?.push(rate);
    }
  }
  const [oursPerSecond = 0, ethersPerSecond = 0, nativePerSecond = 0] = rates.map(median);
  return {
    oursPerSecond,
    ethersPerSecond,
    nativePerSecond,
    timesEthers: oursPerSecond / ethersPerSecond,
    shareOfNative: oursPerSecond / nativePerSecond,
  };
}

function rateOf(work: () => number): number {
  const startedAt = performance.now();
  const count = work();
  return (count * 1000) / (performance.now() - startedAt);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
