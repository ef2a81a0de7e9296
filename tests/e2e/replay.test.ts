import { waitFor } from '@clearinghouse/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newPaymentSession, pay } from './fixture/pay.ts';
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
    const session = newPaymentSession();
    const first = await pay(stack.signerUrl, stack.seeded.apiKey, session());
    const statuses: number[] = [];
    for (let fork = 0; fork < 5; fork += 1) {
      // Another OrchestratorInfo of the same orchestrator would be refused; another inPixels is
      // another request on the same state and the same nonces.
      const other = session(first.json.state).replace('"inPixels":', `"inPixels":${fork + 1}`);
      statuses.push((await pay(stack.signerUrl, stack.seeded.apiKey, other)).status);
    }
    expect(statuses[0]).toBe(200);
    expect(statuses.slice(1).every((status) => status === 480 || status === 409)).toBe(true);
  }, 60_000);
});
