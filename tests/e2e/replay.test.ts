import { randomBytes } from 'node:crypto';
import { waitFor } from '@clearinghouse/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  newOrchestratorInfo,
  newPaymentSession,
  type PaidAnswer,
  pay,
  paymentBody,
} from './fixture/pay.ts';
import { readBooks } from './fixture/read-books.ts';
import { startTestStack, type TestStack } from './fixture/start-test-stack.ts';

describe('the same request again', () => {
  let stack: TestStack;
  let secondSigner: string;
  beforeAll(async () => {
    stack = await startTestStack();
    secondSigner = await stack.start('signer', 'signer-2');
    await stack.start('billing', 'billing-2');
  });
  afterAll(() => stack?.stop());

  it('8 times in parallel over two signers and after a restart: one charge, identical answers', async () => {
    const session = newPaymentSession();
    const first = await pay(stack.signerUrl, stack.seeded.apiKey, session());
    expect(first.status, first.text).toBe(200);
    const body = session(first.json.state);
    const signers = [stack.signerUrl, secondSigner];
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        pay(signers[index % 2] ?? stack.signerUrl, stack.seeded.apiKey, body),
      ),
    );
    expect(new Set(answers.map((answer) => answer.text)).size).toBe(1);
    expect(answers[0]?.status).toBe(200);
    process.kill(stack.processes.get('signer')?.pid ?? 0, 'SIGKILL');
    await stack.processes.get('signer')?.exited;
    await stack.start('signer', 'signer');
    const again = await pay(stack.signerUrl, stack.seeded.apiKey, body);
    expect(again.text).toBe(answers[0]?.text);
    const books = await waitFor(
      async () => {
        const read = await readBooks(stack.database.superuserUrl);
        return read.openHolds === 0 && read.events === 2 ? read : undefined;
      },
      { what: 'two settled payments', timeoutMs: 30_000 },
    );
    expect(books.holds).toBe(2);
    expect(books.held).toBe(0n);
  }, 120_000);

  it('another request on the same state is a fork: three at most', async () => {
    const address = randomBytes(20);
    const fields = { manifestId: 'forked', orchestrator: newOrchestratorInfo({ address }) };
    const first = await pay(stack.signerUrl, stack.seeded.apiKey, paymentBody(fields));
    expect(first.status, first.text).toBe(200);
    const next = { ...fields, state: first.json.state };
    const answers: PaidAnswer[] = [];
    for (let fork = 0; fork < 6; fork += 1) {
      // Fresh ticket params of the same orchestrator: other nonces, so only forks are counted.
      const orchestrator = newOrchestratorInfo({ address });
      const signer = fork % 2 === 0 ? stack.signerUrl : secondSigner;
      answers.push(await pay(signer, stack.seeded.apiKey, paymentBody({ ...next, orchestrator })));
    }
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 409, 409]);
    expect(answers.at(-1)?.json.error?.code).toBe('fork_limit');
    const payments = answers.slice(0, 4).map(({ json }) => json.payment);
    expect(new Set(payments).size).toBe(4);
  });

  it('another request on the same state and the same nonces is told to refresh', async () => {
    const session = newPaymentSession();
    const first = await pay(stack.signerUrl, stack.seeded.apiKey, session());
    const body = session(first.json.state);
    expect((await pay(stack.signerUrl, stack.seeded.apiKey, body)).status).toBe(200);
    const other = body.replace('"inPixels":', '"inPixels":1');
    const refused = await pay(secondSigner, stack.seeded.apiKey, other);
    expect(refused).toMatchObject({ status: 480, json: { error: { code: 'nonce_overlap' } } });
  });
});
