import { readFileSync } from 'node:fs';
import { computeAddress } from 'ethers';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../amounts/big-bytes.ts';
import { recoverGatewaySigner, recoverSigner } from '../crypto/recover-signer.ts';
import { flattenSegment } from '../orchestrator/check-segment.ts';
import { hashTicket } from '../tickets/ticket.ts';
import { decodeOrchestratorInfo, encodeOrchestratorInfo } from './convert-orchestrator-info.ts';
import { decodePayment, encodePayment } from './convert-payment.ts';
import { decodeSegData, encodeSegData } from './convert-seg-data.ts';

function readVectors<T>(name: string): T {
  const url = new URL(`../../../../services/signer/vectors/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8')) as T;
}

describe('payment vectors made by Go', () => {
  const vectors = readVectors<{
    orchestratorInfo: { hex: string };
    payments: { paymentHex: string; nonces: number[]; signatures: string[] }[];
  }>('payment-protobuf');

  it('reads and rewrites OrchestratorInfo byte for byte', () => {
    const info = decodeOrchestratorInfo(fromHex(vectors.orchestratorInfo.hex));
    expect(info.transcoder).toBe('https://orch.example:8935');
    expect(info.ticketParams.faceValue).toBe(360_000_000_000_000_000n);
    expect(info.ticketParams.expirationParams?.creationRound).toBe(3456n);
    expect(info.priceInfo.constraint).toBe('streamdiffusion');
    expect(info.authToken.sessionId).toBe('9f1c2d3e');
    expect(toHex(encodeOrchestratorInfo(info))).toBe(vectors.orchestratorInfo.hex);
  });

  it.each(vectors.payments)('reads and rewrites Payment %# byte for byte', (vector) => {
    const payment = decodePayment(fromHex(vector.paymentHex));
    expect(payment.tickets.map((ticket) => ticket.nonce)).toEqual(vector.nonces);
    expect(payment.tickets.map((ticket) => toHex(ticket.sig))).toEqual(vector.signatures);
    expect(toHex(encodePayment(payment))).toBe(vector.paymentHex);
  });

  it.each(vectors.payments)('finds every ticket of Payment %# signed by the sender', (vector) => {
    const payment = decodePayment(fromHex(vector.paymentHex));
    if (payment.ticketParams === undefined) throw new Error('the vector has no ticket params');
    for (const { nonce, sig } of payment.tickets) {
      const ticket = {
        ...payment.ticketParams,
        ...payment.expirationParams,
        sender: payment.sender,
        senderNonce: nonce,
      };
      expect(recoverSigner(hashTicket(ticket), sig)).toBe(toHex(payment.sender));
    }
  });
});

describe('segment vectors made by Go', () => {
  const { cases } = readVectors<{
    cases: { privateKey: string; manifestId: string; flattened: string; segDataHex: string }[];
  }>('segdata');

  it.each(cases)('reads, rewrites and verifies SegData of $manifestId', (vector) => {
    const segment = decodeSegData(fromHex(vector.segDataHex));
    expect(Buffer.from(segment.manifestId).toString('utf8')).toBe(vector.manifestId);
    expect(toHex(flattenSegment(segment))).toBe(vector.flattened);
    expect(recoverGatewaySigner(flattenSegment(segment), segment.sig)).toBe(
      computeAddress(vector.privateKey).toLowerCase(),
    );
    expect(toHex(encodeSegData(segment))).toBe(vector.segDataHex);
  });
});
