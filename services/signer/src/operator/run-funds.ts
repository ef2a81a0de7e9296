import { parseArgs } from 'node:util';
import { type Address, parseAddress } from '@clearinghouse/shared';
import type { Nodes } from '../chain/fail-over.ts';
import type { BrokerCall } from '../custody/transaction.ts';
import { CHAIN_LIMITS } from '../limits.ts';
import { parseAmount } from './amount.ts';
import { describeFunds, type FundsBounds } from './describe-funds.ts';
import { readSent, type Sent } from './keep-record.ts';
import { type Plan, planTransaction } from './plan-transaction.ts';
import { type Funds, parseQuantity, readFunds } from './read-funds.ts';
import { type FundsOutcome, type FundsRefusal, refuseFunds } from './refusal.ts';
import {
  resumeTransaction,
  type SendDeps,
  type SendOptions,
  sendTransaction,
} from './send-transaction.ts';
import { showPlan } from './show-plan.ts';

export const FUNDS_USAGE = `funds show               deposit, reserve, unlock, and how many winning tickets they cover
  --face-value AMOUNT    of such tickets, instead of the dearest that is signed
funds deposit AMOUNT     adds to the deposit: 0.5eth, 20gwei, 7wei
funds reserve AMOUNT     adds to the reserve
funds fund DEPOSIT RESERVE   both in one transaction
funds unlock             requests to withdraw; funds cancel-unlock takes it back
funds withdraw           takes deposit and reserve back to the account
funds resume             goes on with a transaction that was not seen to its end
  --account ADDRESS      instead of the active one
  --yes                  sends without asking
  --max-fee-gwei N       pays no more than this for gas (100)
  --wait-s N, --replace-after-s N   how long to wait (300), and until fees are raised (60)`;

const OPTIONS = {
  account: { type: 'string' },
  'face-value': { type: 'string' },
  yes: { type: 'boolean', default: false },
  'max-fee-gwei': { type: 'string', default: '100' },
  'wait-s': { type: 'string', default: '300' },
  'replace-after-s': { type: 'string', default: '60' },
} as const;
const MS_PER_SEC = 1_000;

/** What the commands work with. */
export type FundsDeps = {
  readonly nodes: Nodes;
  readonly chain: {
    readonly controllerAddress: string;
    readonly ticketBroker: string | undefined;
    readonly chainId: bigint | undefined;
  };
  readonly bounds: FundsBounds;
  /** The account that pays, without its key where that can be had. */
  readonly activeAddress: () => Promise<Address>;
  /** Opens the key of an account, for transactions to this contract only. */
  readonly openAccount: (
    address: Address,
    terms: { readonly chainId: bigint; readonly ticketBroker: Address },
  ) => Promise<SendDeps['account']>;
  /** Shows what would be sent, and asks. */
  readonly confirm: (shown: string) => Promise<boolean>;
} & Pick<SendDeps, 'folder' | 'monotonicMs' | 'sleep' | 'say'>;

type Values = ReturnType<typeof parse>['values'];
type Work = { readonly address: Address; readonly values: Values };

/**
 * `signer funds …`: shows and moves what pays for tickets.
 *
 * @throws Error for a command line that cannot be read, and when the chain cannot be.
 */
export async function runFunds(
  deps: FundsDeps,
  args: readonly string[],
): Promise<FundsOutcome<object>> {
  const { values, positionals } = parse(args);
  const [verb = '', ...amounts] = positionals;
  const address = values.account ? parseAddress(values.account) : await deps.activeAddress();
  if (address === undefined) throw new Error('--account: not an address');
  const work: Work = { address, values };
  if (verb === 'show') return await show(deps, work);
  if (verb === 'resume') return await resume(deps, work);
  const call = readCall(verb, amounts);
  if (call === undefined) throw new Error(`usage:\n${FUNDS_USAGE}`);
  return call.ok ? await transact(deps, work, call.value) : call;
}

function parse(args: readonly string[]) {
  return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
}

/** How many amounts each verb takes. */
const AMOUNTS: Readonly<Record<string, number>> = {
  deposit: 1,
  reserve: 1,
  fund: 2,
  unlock: 0,
  'cancel-unlock': 0,
  withdraw: 0,
};

function readCall(verb: string, texts: readonly string[]): FundsOutcome<BrokerCall> | undefined {
  if (AMOUNTS[verb] === undefined) return undefined;
  const amounts = texts.map(parseAmount);
  const [first = 0n, second = 0n] = amounts;
  if (texts.length !== AMOUNTS[verb] || amounts.includes(undefined)) {
    return refuseFunds('amount_invalid', `${AMOUNTS[verb]} of the form 0.5eth, 20gwei or 7wei`);
  }
  return { ok: true, value: toCall(verb, first, second) };
}

function toCall(verb: string, first: bigint, second: bigint): BrokerCall {
  switch (verb) {
    case 'deposit':
      return { name: 'fundDeposit', depositWei: first };
    case 'reserve':
      return { name: 'fundReserve', reserveWei: first };
    case 'fund':
      return { name: 'fundDepositAndReserve', depositWei: first, reserveWei: second };
    case 'cancel-unlock':
      return { name: 'cancelUnlock' };
    default:
      return { name: verb === 'withdraw' ? 'withdraw' : 'unlock' };
  }
}

async function show(deps: FundsDeps, { address, values }: Work): Promise<FundsOutcome<object>> {
  const { controllerAddress } = deps.chain;
  const text = values['face-value'];
  const faceValueWei = text === undefined ? undefined : parseAmount(text);
  if (text !== undefined && faceValueWei === undefined) {
    return refuseFunds('amount_invalid', '--face-value: 0.5eth, 20gwei or 7wei');
  }
  const funds = await readFunds(deps.nodes.call, { controllerAddress, address });
  const sent = await readSent(deps.folder, address);
  const underWay = sent ? { underWay: sent.hashes } : {};
  return { ok: true, value: { ...describeFunds(funds, deps.bounds, faceValueWei), ...underWay } };
}

async function transact(
  deps: FundsDeps,
  work: Work,
  call: BrokerCall,
): Promise<FundsOutcome<object>> {
  const { address, values } = work;
  if (await readSent(deps.folder, address)) {
    const message = 'one was sent from here and is not finished: `funds resume`';
    return refuseFunds('transaction_pending', message);
  }
  const { controllerAddress, chainId } = deps.chain;
  const ticketBroker = deps.chain.ticketBroker as Address | undefined;
  const options = sendOptionsOf(values);
  const { maxFeeWei } = options;
  const input = { address, call, controllerAddress, ticketBroker, chainId, maxFeeWei };
  const planned = await planTransaction(deps.nodes.call, input);
  if (!planned.ok) return planned;
  const agreed = await agree(deps, work.values, planned.value);
  if (agreed) return agreed;
  const { transaction } = planned.value;
  const account = await deps.openAccount(address, transaction);
  return await sendTransaction({ ...deps, account }, transaction, options);
}

/** Shows what would be sent; a refusal when nobody says yes. */
async function agree(
  deps: FundsDeps,
  values: Values,
  plan: Plan,
): Promise<FundsRefusal | undefined> {
  const shown = showPlan(plan);
  if (values.yes) deps.say(shown);
  else if (!(await deps.confirm(shown))) {
    return refuseFunds('not_confirmed', 'nothing was sent; --yes sends without asking');
  }
  return undefined;
}

async function resume(deps: FundsDeps, { address, values }: Work): Promise<FundsOutcome<object>> {
  const sent = await readSent(deps.folder, address);
  if (!sent) return refuseFunds('nothing_pending', 'nothing was left unfinished');
  const options = sendOptionsOf(values);
  const { transaction } = sent;
  const { controllerAddress } = deps.chain;
  const funds = await readFunds(deps.nodes.call, { controllerAddress, address });
  // A file says what was sent; where it may go, and what it may cost, is not for a file to say.
  const refusal = await checkSent(deps, { sent, funds, maxFeeWei: options.maxFeeWei });
  if (refusal) return refusal;
  const consequences = [`sent before as ${sent.hashes.join(', ')}`];
  const agreed = await agree(deps, values, { transaction, funds, consequences });
  if (agreed) return agreed;
  const account = await deps.openAccount(address, transaction);
  return await resumeTransaction({ ...deps, account }, sent, options);
}

async function checkSent(
  { nodes, chain }: FundsDeps,
  { sent, funds, maxFeeWei }: { sent: Sent; funds: Funds; maxFeeWei: bigint },
): Promise<FundsRefusal | undefined> {
  const { transaction, address } = sent;
  const isThere =
    address === funds.address &&
    transaction.ticketBroker === funds.ticketBroker &&
    funds.ticketBroker === (chain.ticketBroker ?? funds.ticketBroker) &&
    transaction.chainId === parseQuantity(await nodes.call('eth_chainId', []));
  if (!isThere) return refuseFunds('wrong_contract', 'what was sent went to another place');
  if (transaction.maxFeeWei > maxFeeWei || transaction.maxPriorityFeeWei > maxFeeWei) {
    return refuseFunds('fee_above_bound', 'it was sent with higher fees: --max-fee-gwei');
  }
  if (transaction.gas <= CHAIN_LIMITS.transactionGasMax) return undefined;
  return refuseFunds('gas_above_bound', 'what was sent takes more than any call should');
}

function sendOptionsOf(values: Values): SendOptions {
  const maxFeeWei = parseAmount(`${values['max-fee-gwei']}gwei`);
  if (maxFeeWei === undefined) throw new Error('--max-fee-gwei: not a number');
  return {
    maxFeeWei,
    waitMs: secondsOf('wait-s', values['wait-s']),
    replaceAfterMs: secondsOf('replace-after-s', values['replace-after-s']),
  };
}

function secondsOf(name: string, text: string): number {
  if (!/^[0-9]{1,6}$/.test(text)) throw new Error(`--${name}: not a number of seconds`);
  return Number(text) * MS_PER_SEC;
}
