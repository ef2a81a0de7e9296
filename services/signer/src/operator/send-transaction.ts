import { z } from 'zod';
import { type CallRpc, RpcRefusal } from '../chain/call-rpc.ts';
import type { Nodes } from '../chain/fail-over.ts';
import type { Account } from '../custody/account.ts';
import { type BrokerTransaction, signedTransaction } from '../custody/transaction.ts';
import { CHAIN_LIMITS } from '../limits.ts';
import { forgetSent, keepSent, type Sent } from './keep-record.ts';
import { raiseFees, readFees } from './plan-transaction.ts';
import { parseQuantity } from './read-funds.ts';
import { type FundsOutcome, refuseFunds } from './refusal.ts';

export type SendDeps = {
  readonly nodes: Pick<Nodes, 'call' | 'each'>;
  readonly account: Pick<Account, 'address' | 'signTransaction'>;
  /** Where a transaction under way is noted down. */
  readonly folder: string;
  readonly monotonicMs: () => number;
  readonly sleep: (ms: number) => Promise<unknown>;
  /** Tells the operator what is going on, a line at a time. */
  readonly say: (line: string) => void;
};

export type SendOptions = {
  readonly maxFeeWei: bigint;
  /** How long to wait for it in all. */
  readonly waitMs: number;
  /** Not mined for this long: it is sent again with higher fees. */
  readonly replaceAfterMs: number;
};

/** A transaction that was mined and did what it says. */
export type Mined = {
  readonly hash: string;
  readonly block: string;
  readonly gasCostWei: string;
  readonly attempts: number;
};

const receiptSchema = z.object({
  transactionHash: z.string(),
  status: z.string(),
  blockNumber: z.string(),
  gasUsed: z.string(),
  effectiveGasPrice: z.string(),
});

/** Signs a transaction, sends it to every node and waits until it is mined. */
export async function sendTransaction(
  deps: SendDeps,
  transaction: BrokerTransaction,
  options: SendOptions,
): Promise<FundsOutcome<Mined>> {
  const { address } = deps.account;
  const { raw, hash } = await sign(deps.account, transaction);
  const sent: Sent = { address, transaction, hashes: [hash] };
  if (!(await keepSent(deps.folder, sent, 'first'))) return pendingAlready();
  const answer = await offer(deps, raw, hash);
  if (answer === 'refused') {
    await forgetSent(deps.folder, address);
    return refuseFunds('not_sent', 'the node refused it; nothing is under way');
  }
  if (answer === 'unknown') {
    return refuseFunds('not_sent', 'no node was reached; `funds resume` tries again');
  }
  deps.say(`sent ${hash}`);
  return await follow(deps, sent, options);
}

/** Goes on with a transaction that a command before this one sent. */
export async function resumeTransaction(
  deps: SendDeps,
  sent: Sent,
  options: SendOptions,
): Promise<FundsOutcome<Mined>> {
  const mined = await findMined(deps, sent);
  if (mined) return await conclude(deps, sent, mined);
  const last = sent.hashes.at(-1) ?? '';
  const { raw } = await sign(deps.account, sent.transaction);
  const answer = await offer(deps, raw, last);
  if (answer !== 'taken') deps.say('no node takes it as it is; it may be mined still');
  return await follow(deps, sent, options);
}

function pendingAlready() {
  const message = 'another one was sent from here and is not finished: `funds resume`';
  return refuseFunds('transaction_pending', message);
}

async function sign(account: SendDeps['account'], transaction: BrokerTransaction) {
  return signedTransaction(transaction, await account.signTransaction(transaction));
}

/** Waits for any attempt to be mined, and makes another one in time. */
async function follow(
  deps: SendDeps,
  first: Sent,
  options: SendOptions,
): Promise<FundsOutcome<Mined>> {
  const startMs = deps.monotonicMs();
  let sent = first;
  let replacedMs = startMs;
  let usedLooks = 0;
  while (deps.monotonicMs() - startMs < options.waitMs) {
    const mined = await findMined(deps, sent);
    if (mined) return await conclude(deps, sent, mined);
    usedLooks = (await isNonceUsed(deps.nodes.call, sent)) ? usedLooks + 1 : 0;
    if (usedLooks >= CHAIN_LIMITS.displacedLooks) {
      await forgetSent(deps.folder, sent.address);
      const message = `another transaction has its nonce ${sent.transaction.nonce}`;
      return refuseFunds('displaced', message);
    }
    if (usedLooks === 0 && deps.monotonicMs() - replacedMs >= options.replaceAfterMs) {
      sent = await replace(deps, sent, options);
      replacedMs = deps.monotonicMs();
    }
    await deps.sleep(CHAIN_LIMITS.receiptLookMs);
  }
  return refuseFunds('not_mined', `sent ${sent.hashes.join(', ')}: go on with \`funds resume\``);
}

/** The same once more, with the same nonce and higher fees: at most one of them can be mined. */
async function replace(deps: SendDeps, sent: Sent, options: SendOptions): Promise<Sent> {
  const fees = await readFees(deps.nodes.call).catch(() => undefined);
  const raised = fees && raiseFees(sent.transaction, fees, options.maxFeeWei);
  if (raised === undefined || sent.hashes.length >= CHAIN_LIMITS.attemptsMax) {
    deps.say('not mined yet; its fees are not raised above the bound (--max-fee-gwei)');
    return sent;
  }
  const transaction = { ...sent.transaction, ...raised };
  const { raw, hash } = await sign(deps.account, transaction);
  const next: Sent = { ...sent, transaction, hashes: [...sent.hashes, hash] };
  await keepSent(deps.folder, next, 'again');
  const answer = await offer(deps, raw, hash);
  deps.say(answer === 'taken' ? `sent again with higher fees: ${hash}` : 'no node takes another');
  return next;
}

/** Gives it to every node. `unknown`: one that was not reached may have it, or not. */
async function offer(
  { nodes }: SendDeps,
  raw: string,
  hash: string,
): Promise<'taken' | 'refused' | 'unknown'> {
  const answers = await Promise.all(nodes.each.map((node) => offerTo(node, raw, hash)));
  if (answers.includes('taken')) return 'taken';
  return answers.includes('unknown') ? 'unknown' : 'refused';
}

async function offerTo(
  node: CallRpc,
  raw: string,
  hash: string,
): Promise<'taken' | 'refused' | 'unknown'> {
  try {
    await node('eth_sendRawTransaction', [raw]);
    return 'taken';
  } catch (error) {
    if (!(error instanceof RpcRefusal)) return 'unknown';
    // "Already known" is a refusal too.
    const known = await node('eth_getTransactionByHash', [hash]).catch(() => undefined);
    return known === undefined ? 'refused' : 'taken';
  }
}

type Receipt = z.infer<typeof receiptSchema>;

async function findMined({ nodes }: SendDeps, sent: Sent): Promise<Receipt | undefined> {
  for (const hash of sent.hashes) {
    // None yet, or no node answers: it is looked for again.
    const raw = await nodes.call('eth_getTransactionReceipt', [hash]).catch(() => undefined);
    const receipt = receiptSchema.safeParse(raw);
    if (receipt.success && receipt.data.transactionHash.toLowerCase() === hash) return receipt.data;
  }
  return undefined;
}

async function isNonceUsed(rpc: CallRpc, sent: Sent): Promise<boolean> {
  const count = await rpc('eth_getTransactionCount', [sent.address, 'latest']).catch(
    () => undefined,
  );
  return count !== undefined && parseQuantity(count) > BigInt(sent.transaction.nonce);
}

async function conclude(
  deps: SendDeps,
  sent: Sent,
  receipt: Receipt,
): Promise<FundsOutcome<Mined>> {
  await forgetSent(deps.folder, sent.address);
  const { transactionHash: hash, status } = receipt;
  if (parseQuantity(status) !== 1n) return refuseFunds('reverted', `${hash} was mined and failed`);
  const cost = parseQuantity(receipt.gasUsed) * parseQuantity(receipt.effectiveGasPrice);
  return {
    ok: true,
    value: {
      hash,
      block: parseQuantity(receipt.blockNumber).toString(),
      gasCostWei: cost.toString(),
      attempts: sent.hashes.length,
    },
  };
}
