import { hash } from 'node:crypto';
import { getBytes, hashMessage, keccak256, recoverAddress } from 'ethers';
import { describe, expect, test } from 'vitest';
import goVectors from '../../vectors/go-crosscheck.json' with { type: 'json' };
import paymentVectors from '../../vectors/payment-protobuf.json' with { type: 'json' };
import segVectors from '../../vectors/segdata.json' with { type: 'json' };
import { takeCustody } from '../keystore/custody.ts';
import { ticketHash } from '../tickets/ticket-hash.ts';
import { decodePaymentRequest } from '../wire/decode-payment-request.ts';
import { readFields } from '../wire/read-fields.ts';
import {
  CUSTODY,
  makeInfo,
  makeRequest,
  makeStateful,
  plan,
  planned,
} from './fixtures/make-request.ts';
import { whole } from './rational.ts';
import { signPlan } from './sign-plan.ts';

type Response = { payment: string; segCreds: string; state: { State: string; Sig: string } };

async function respond(made: ReturnType<typeof planned>): Promise<Response> {
  return JSON.parse((await signPlan(CUSTODY, made)).body.toString('utf8'));
}

function bytes(base64: string): Buffer {
  return Buffer.from(base64, 'base64');
}

/** The values of one bytes field of a protobuf message. */
function fieldsOf(message: Uint8Array, number: number): Buffer[] {
  const out: Buffer[] = [];
  readFields(message, (field) => {
    if (field.number === number) out.push(Buffer.from(field.bytes));
  });
  return out;
}

const MANY = makeRequest({ orchestrator: makeInfo({ pricePerUnit: 6000n, pixelsPerUnit: 1n }) });

describe('the response', () => {
  test('keys, order and newline as Go writes them', async () => {
    const { body: made } = await signPlan(CUSTODY, planned(makeRequest()));
    const body = made.toString('utf8');
    const shape =
      /^\{"payment":"[^"]+","segCreds":"[^"]+","state":\{"State":"[^"]+","Sig":"[^"]+"\}\}\n$/;
    expect(body).toMatch(shape);
    // Go's own, of a response without segCreds and with other bytes.
    const bare = body.replace(/"segCreds":"[^"]+",/, '').replaceAll(/:"[^"]+"/g, ':""');
    expect(bare).toBe(goVectors.respMarshal.replaceAll(/:"[^"]+"/g, ':""'));
  });

  test('signed twice it is the same', async () => {
    const made = planned(MANY);
    expect(await signPlan(CUSTODY, made)).toEqual(await signPlan(CUSTODY, made));
  });

  test('the payment without its signatures is the planned one', async () => {
    const made = planned(MANY);
    const payment = bytes((await respond(made)).payment);
    const senders = fieldsOf(payment, 4);
    expect(senders).toHaveLength(made.tickets.count);
    expect(made.tickets.count).toBe(10);
    const [first] = fieldsOf(made.unsignedPayment, 4);
    expect(first?.toString('hex')).toBe('0801');
    expect(payment.length).toBe(made.unsignedPayment.length + 67 * made.tickets.count);
  });
});

describe('the signatures, recovered with ethers', async () => {
  const made = planned(MANY);
  const response = await respond(made);

  test('every ticket', async () => {
    const signed = await signPlan(CUSTODY, made);
    const sender = getBytes(CUSTODY.address);
    fieldsOf(bytes(response.payment), 4).forEach((message, index) => {
      const [signature] = fieldsOf(message, 2);
      const ticket = { ...made.tickets, sender, senderNonce: made.tickets.nonceFrom + index };
      const digest = ticketHash(ticket);
      const at = index * 32;
      expect(signed.ticketHashes.subarray(at, at + 32)).toEqual(digest);
      const recovered = recoverAddress(hashMessage(digest), `0x${signature?.toString('hex')}`);
      expect(recovered).toBe(CUSTODY.checksumAddress);
    });
    expect(signed.ticketsHash).toBe(hash('sha256', signed.ticketHashes, 'hex'));
  });

  test('the state', () => {
    const state = bytes(response.state.State);
    expect(Buffer.from(made.newStateBytes)).toEqual(state);
    const signature = `0x${bytes(response.state.Sig).toString('hex')}`;
    expect(recoverAddress(hashMessage(state), signature)).toBe(CUSTODY.checksumAddress);
  });

  test('the segment credentials', () => {
    const segdata = bytes(response.segCreds);
    const [manifestId] = fieldsOf(segdata, 1);
    expect(manifestId?.toString('utf8')).toBe(made.manifestId);
    const [segmentHash] = fieldsOf(segdata, 3);
    const flattened = Buffer.concat([
      manifestId ?? Buffer.alloc(0),
      Buffer.alloc(32),
      segmentHash ?? Buffer.alloc(0),
    ]);
    const [signature] = fieldsOf(segdata, 5);
    const digest = hashMessage(getBytes(keccak256(flattened)));
    const recovered = recoverAddress(digest, `0x${signature?.toString('hex')}`);
    expect(recovered).toBe(CUSTODY.checksumAddress);
    expect(fieldsOf(segdata, 8)[0]).toEqual(Buffer.from(made.opened.info.authToken?.bytes ?? []));
    expect(fieldsOf(segdata, 7)).toEqual([]);
  });
});

describe('from request to response: the very bytes of go-livepeer', () => {
  const manifestId = '9f1c2d3e';
  const policy = { maxTicketEvWei: whole(4_000_000_000_000n) };
  // 9.6 x 10^12 wei at the session's price, between two and three tickets of the vector.
  const inPixels = 200_000_000_000_000n;
  const price = { initialPricePerUnit: 48n, initialPixelsPerUnit: 1000n };

  function respondTo(capabilities: Uint8Array): Promise<Response> {
    const orchestrator = bytes(paymentVectors.orchestratorInfo.base64);
    const { address } = planned(makeRequest({ orchestrator }), { policy }).opened.info;
    const pmSessionId = paymentVectors.payments[0]?.ticketParams.recipientRandHash ?? '';
    const state = { ...price, orchestratorAddress: address, pmSessionId, senderNonce: 7, type: '' };
    const change = { orchestrator, type: '', inPixels, manifestId, capabilities };
    return respond(planned(makeStateful(state, change), { policy }));
  }

  test('three tickets from nonce 8', async () => {
    const vector = paymentVectors.payments.find((one) => one.numTickets === 3);
    const { payment, segCreds } = await respondTo(new Uint8Array(0));
    expect(payment).toBe(vector?.paymentHeader);
    expect(segCreds).toBe(segVectors.cases[0]?.segCredsHeader);
  });

  test('with capabilities', async () => {
    const vector = segVectors.cases.find((one) => 'capabilitiesRequest' in one);
    const { segCreds } = await respondTo(bytes(vector?.capabilitiesRequest?.base64 ?? ''));
    expect(segCreds).toBe(vector?.segCredsHeader);
  });
});

describe('a session, call after call through JSON', () => {
  test('the state that comes out goes in again', async () => {
    const orchestrator = makeInfo({ pricePerUnit: 6000n, pixelsPerUnit: 1n });
    let made = planned(makeRequest({ orchestrator }));
    for (let call = 1; call <= 5; call += 1) {
      const { state } = await respond(made);
      const body = JSON.stringify({
        state,
        orchestrator: Buffer.from(orchestrator).toString('base64'),
        ManifestID: made.manifestId,
        type: 'lv2v',
        capabilities: null,
      });
      const decoded = decodePaymentRequest(Buffer.from(body));
      if (!decoded.ok) throw new Error(decoded.code);
      const nowNs = made.newState.lastUpdateNs + 20_000_000_000n;
      const nonceFrom = made.nonceTo + 1;
      made = planned(decoded.request, { nowNs });
      expect(made).toMatchObject({ seq: call, tickets: { nonceFrom } });
    }
  });
});

describe('signing what is not ours', () => {
  test('a plan of another signer is a programmer’s error', async () => {
    const other = takeCustody(Buffer.alloc(32, 0x12));
    await expect(signPlan(other, planned(makeRequest()))).rejects.toThrow(RangeError);
  });

  test('another signer’s state is refused', () => {
    const request = makeStateful();
    const stateSig = takeCustody(Buffer.alloc(32, 0x12)).signState(request.stateBytes);
    expect(plan({ ...request, stateSig })).toMatchObject({ ok: false, code: 'invalid_sig' });
  });
});
