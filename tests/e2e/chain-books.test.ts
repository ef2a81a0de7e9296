import { readFileSync } from 'node:fs';
import { redeemWinningTicket } from '@clearinghouse/devnet';
import { findFreePort } from '@clearinghouse/embedded';
import { connectDatabase, type Sql } from '@clearinghouse/shared';
import { waitFor } from '@clearinghouse/testing';
import { concat, getBytes, keccak256, solidityPackedKeccak256, toBeHex, Wallet } from 'ethers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runDemo } from '../../scripts/demo/run-demo.ts';
import { demoConfigOf } from './fixture/demo-config.ts';
import { startTestStack, type TestStack } from './fixture/start-test-stack.ts';

const RECIPIENT_RAND = 4_242n;
const SURE = 2n ** 256n - 1n;
const FACE_VALUE_WEI = 1_000_000n;

describe.each(['redis', 'postgres'] as const)('the chain in the books, queue on %s', (backend) => {
  let stack: TestStack;
  let sql: Sql;
  let wallet: Wallet;
  beforeAll(async () => {
    stack = await startTestStack({ backend });
    const { superuserUrl } = stack.database;
    sql = connectDatabase({ url: superuserUrl, applicationName: 'test', connectionsMax: 2 });
    const { keystoreFile, secrets } = stack.options;
    const json = readFileSync(keystoreFile, 'utf8');
    wallet = (await Wallet.fromEncryptedJson(json, secrets.keystorePassword)) as Wallet;
    await waitFor(async () => (await sql`select from billing.chains`).length === 1, {
      what: 'the chain is opened in the books',
    });
  });
  afterAll(async () => {
    await sql?.end({ timeout: 5 });
    await stack?.stop();
  });

  /** Events that stand, by name, and redemptions by who signed them. */
  const events = async (name: string) =>
    await sql<{ amount: string; redemption: string | null; paid: string | null }[]>`
      select coalesce(amount_wei, 0)::text as amount, redemption, paid_wei::text as paid
      from billing.chain_events where name = ${name} and removed_at is null order by block_number, log_index`;
  const alarms = async (kind: string) =>
    (await sql`select from billing.alarms where kind = ${kind} and cleared_at is null`).length;
  /** The contract's own word is compared at the same block: nothing may differ. */
  const untilBooked = async () => {
    const height = Number(await stack.evm.call('eth_blockNumber'));
    await waitFor(
      async () => {
        const [row] = await sql<{ is: boolean }[]>`
          select c.cursor_number >= ${height} and s.observed_number = c.cursor_number
            and s.booked_deposit_wei = s.observed_deposit_wei
            and s.booked_reserve_wei = s.observed_reserve_wei as is
          from billing.chains c join billing.chain_senders s using (chain)`;
        return row?.is === true;
      },
      { what: `books that stand at block ${height}` },
    );
  };
  const fund = (wei: bigint) => stack.evm.fund(wallet.address, wei, 1n);

  it('every redemption of the main job is one that was signed here, to the wei', async () => {
    const report = await runDemo(demoConfigOf(stack, 60));
    expect(report.comparisons.filter(({ agrees }) => !agrees)).toEqual([]);
    // What was settled after it was redeemed is looked at again with the next block.
    await stack.evm.mine();
    await untilBooked();
    const redeemed = await events('WinningTicketRedeemed');
    expect(redeemed.length).toBeGreaterThan(0);
    expect(new Set(redeemed.map(({ redemption }) => redemption))).toEqual(new Set(['signed']));
    const figure = report.comparisons.find(({ name }) => name === 'face value redeemed (wei)');
    const paid = redeemed.reduce((sum, row) => sum + BigInt(row.paid ?? '0'), 0n);
    expect(String(paid)).toBe(figure?.right.value);
    expect(await alarms('chain_funds_differ')).toBe(0);
  });

  it('a signer killed with SIGKILL, and two at once: every event once', async () => {
    await stack.kill('signer');
    await fund(11n);
    await stack.start('signer', 'signer');
    await stack.start('signer', 'signer-2');
    await fund(12n);
    await stack.kill('signer');
    await fund(13n);
    await untilBooked();
    await stack.start('signer', 'signer');
    await fund(14n);
    await untilBooked();
    const amounts = (await events('DepositFunded')).map(({ amount }) => amount);
    expect(amounts).toEqual(['11', '12', '13', '14']);
  });

  it('a reorganisation undoes what was booked', async () => {
    const fork = await stack.evm.call('evm_snapshot');
    await fund(1_000n);
    await untilBooked();
    await stack.evm.call('evm_revert', [fork]);
    await fund(2_000n);
    await stack.evm.mine(2);
    await untilBooked();
    const amounts = (await events('DepositFunded')).map(({ amount }) => amount);
    expect(amounts).toEqual(['11', '12', '13', '14', '2000']);
    const [undone] = await sql<{ n: bigint }[]>`
      select count(*) as n from billing.chain_events where removed_at is not null`;
    expect(undone?.n).toBe(2n);
  });

  it('the first node is dead: a signer pays and books with the second', async () => {
    await stack.kill('signer');
    await stack.kill('signer-2');
    const metricsPort = String(await findFreePort());
    const url = await stack.start('signer', 'signer-second', {
      ETH_RPC_URL: 'http://127.0.0.1:9',
      ETH_RPC_URL_2: stack.rpcUrl,
      METRICS_PORT: metricsPort,
    });
    await fund(3_000n);
    await untilBooked();
    expect((await events('DepositFunded')).at(-1)?.amount).toBe('3000');
    expect(await (await fetch(`${url}/readyz`)).json()).toMatchObject({ status: 'ready' });
    const metrics = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
    expect(metrics).toMatch(/^signer_chain_node 2$/m);
    expect(metrics).toMatch(/^signer_watch_lag_blocks 0$/m);
    // The guard lets it out to the second node.
    expect(metrics).toMatch(/^signer_alarms_total\{name="egress_refused"\} 0$/m);
  });

  it('a redemption of a ticket that nobody here signed is an alarm', async () => {
    expect(await alarms('redemption_unknown')).toBe(0);
    const round = await stack.evm.readRound();
    const ticket = {
      recipient: Wallet.createRandom().address,
      sender: wallet.address,
      faceValue: FACE_VALUE_WEI,
      winProb: SURE,
      senderNonce: 1n,
      recipientRandHash: keccak256(toBeHex(RECIPIENT_RAND, 32)),
      auxData: concat([toBeHex(round.number, 32), round.blockHash]),
    };
    const types = ['address', 'address', 'uint256', 'uint256', 'uint256', 'bytes32', 'bytes'];
    const hash = solidityPackedKeccak256(types, Object.values(ticket));
    await redeemWinningTicket({
      rpcUrl: stack.rpcUrl,
      ticketBroker: stack.evm.contracts.ticketBroker,
      ticket,
      signature: wallet.signMessageSync(getBytes(hash)),
      recipientRand: RECIPIENT_RAND,
    });
    await waitFor(async () => (await alarms('redemption_unknown')) === 1, { what: 'the alarm' });
    const unknown = (await events('WinningTicketRedeemed')).filter(
      ({ redemption }) => redemption === 'unknown',
    );
    expect(unknown.map(({ paid }) => paid)).toEqual([String(FACE_VALUE_WEI)]);
    await untilBooked();
  });
});
