import { askProof, recoverGatewaySigner, type SenderProof } from '@clearinghouse/gateway-double';
import { awaitSettlement } from './await-settlement.ts';
import type { Observed } from './compare-all.ts';
import type { DemoConfig } from './config.ts';
import { type ClientApp, openClientApp } from './open-client-app.ts';
import type { Network } from './open-network.ts';
import { type Operator, openOperator } from './open-operator.ts';
import { planSessions, USERS_MAX } from './plan-sessions.ts';
import { readBooks } from './read-books.ts';
import { awaitRedeemed, readRedeemed } from './read-redeemed.ts';
import { APP_PAYER, readUsage } from './read-usage.ts';
import type { PaymentRecord } from './record-payment.ts';
import { redeemWinners } from './redeem-winners.ts';
import { runSession, type SessionResult } from './run-session.ts';
import { setCap } from './set-cap.ts';
import { showCovered } from './show-covered.ts';
import {
  type ShownRefusal,
  showCapReached,
  showPriceExceeded,
  showUnauthorized,
} from './show-refusals.ts';
import { showReplay } from './show-replay.ts';

/** A user of the app, with a token for the signer. */
type Player = { readonly name: string; readonly userId: string; readonly token: string };

/** Who pays in the demo. */
type Cast = { readonly users: readonly Player[]; readonly lead: Player; readonly capped: Player };

const USER_NAMES = ['demo-ada', 'demo-ben', 'demo-cleo'].slice(0, USERS_MAX);
const ANNOUNCE_EVERY = 50;

/** Plays every part and gathers what each of them saw. */
export async function playDemo(
  config: DemoConfig,
  network: Network,
): Promise<{
  readonly seen: Observed;
  readonly refreshes: number;
  readonly skips: number;
  readonly refusals: readonly ShownRefusal[];
}> {
  const { progress } = config;
  progress('machine token for the app (client_credentials), admin token for the operator');
  const clientApp = await openClientApp(config);
  const operator = await openOperator(config);
  const cast = await hire(config, clientApp);
  const proof = await checkProof(config, network);
  const readNow = () => readUsage(config, clientApp.machineToken);
  const before = await readNow();
  const booksBefore = await readBooks(operator);
  const deps = { network, signerUrl: config.signerUrl, proof };

  const bearer = cast.lead.token;
  const covered = await showCovered({ ...deps, bearer });
  progress('calls in quick succession: paid, then covered by the balance (482)');
  const replay = await showReplay({ ...deps, bearer });
  progress('a lost answer, asked for again: the same payment, to be charged once');
  const shown = [...covered.payments, ...replay.payments];
  const results = await runSessions(config, deps, { cast, already: shown.length });
  const refusals = await showRefusals(config, deps, { cast, operator });
  const records = recordsByPayer(cast, results, shown);

  const { winners } = network.orchestrator.totals();
  progress(`redeeming ${winners.length} winning tickets on the chain`);
  const sender = proof.address;
  const { ticketBroker } = config.contracts;
  const readOurs = () => readRedeemed(operator, sender);
  const redeemedBefore = await readOurs();
  const redeemed = await redeemWinners(network, { ticketBroker, sender, winners, progress });

  const payments = [...records.values()].flat().length;
  progress(`waiting until all ${payments} payments are settled`);
  const usage = await awaitSettlement(readNow, { before, payments });
  const booksAfter = await readBooks(operator);
  progress('waiting until the redemptions are in the books');
  const tickets = winners.length;
  const redeemedInBooks = await awaitRedeemed(readOurs, { before: redeemedBefore, tickets });
  const seen: Observed = {
    records,
    sessions: results.length,
    sessionsAgreeing: results.filter((result) => result.balanceAgrees).length,
    totals: network.orchestrator.totals(),
    usage,
    booksBefore,
    booksAfter,
    redeemed,
    redeemedInBooks,
    sender,
    appId: config.app.id,
  };
  return {
    seen,
    refreshes: results.reduce((sum, result) => sum + result.refreshes, 0),
    skips: results.reduce((sum, result) => sum + result.skips, 1),
    refusals,
  };
}

async function hire(config: DemoConfig, clientApp: ClientApp): Promise<Cast> {
  config.progress(`provisioning users ${USER_NAMES.join(', ')}; a signer token for each`);
  const users: Player[] = [];
  for (const name of USER_NAMES) users.push(await hirePlayer(clientApp, name));
  const [lead] = users;
  if (lead === undefined) throw new Error('the demo has no users');
  return { users, lead, capped: await hirePlayer(clientApp, 'demo-capped') };
}

async function hirePlayer(clientApp: ClientApp, name: string): Promise<Player> {
  const { userId } = await clientApp.provision(name);
  return { name, userId, token: await clientApp.mintSignerToken(name) };
}

/** The signer's address is proven by its signature, and has money on the chain. */
async function checkProof(config: DemoConfig, network: Network): Promise<SenderProof> {
  const proof = await askProof({
    signerUrl: config.signerUrl,
    signerHeaders: { Authorization: `Bearer ${config.apiKey}` },
    client: 'go',
  });
  const shown = Buffer.from(proof.address, 'ascii');
  const signature = Buffer.from(proof.signature.slice(2), 'hex');
  if (recoverGatewaySigner(shown, signature) !== proof.address.toLowerCase()) {
    throw new Error('/sign-orchestrator-info did not prove its address');
  }
  const funds = await network.fundsOf(proof.address);
  if (funds.depositWei === 0n || funds.reserveWei === 0n) {
    throw new Error(`${proof.address} has no deposit or no reserve`);
  }
  config.progress(`the signer proved ${proof.address}; deposit ${funds.depositWei} wei`);
  return proof;
}

type SignerDeps = {
  readonly network: Network;
  readonly signerUrl: string;
  readonly proof: SenderProof;
};

async function runSessions(
  config: DemoConfig,
  deps: SignerDeps,
  { cast, already }: { cast: Cast; already: number },
): Promise<SessionResult[]> {
  const { payments, progress } = config;
  const plans = planSessions(payments - already);
  progress(`${payments - already} payments over ${plans.length} sessions: lv2v, live, fixed`);
  let done = already;
  const onPayment = (): void => {
    done += 1;
    if (done % ANNOUNCE_EVERY === 0) progress(`  ${done} of ${payments} payments accepted`);
  };
  const { app, apiKey } = config;
  const running = plans.map((plan) => {
    const player = plan.user === undefined ? undefined : cast.users[plan.user];
    const bearer = player?.token ?? apiKey;
    const authId = `${app.id}:${player?.userId ?? 'app'}`;
    return runSession({ ...deps, bearer, authId, onPayment }, plan);
  });
  return Promise.all(running);
}

async function showRefusals(
  config: DemoConfig,
  deps: SignerDeps,
  { cast, operator }: { cast: Cast; operator: Operator },
): Promise<ShownRefusal[]> {
  await setCap(operator, cast.capped.userId);
  const refusals = [
    await showPriceExceeded(deps, cast.lead.token),
    await showCapReached(deps, cast.capped.token),
    await showUnauthorized(deps),
  ];
  for (const { name, status, code } of refusals) config.progress(`${name}: ${status} ${code}`);
  return refusals;
}

function recordsByPayer(
  cast: Cast,
  results: readonly SessionResult[],
  shown: readonly PaymentRecord[],
): Map<string, PaymentRecord[]> {
  const records = new Map<string, PaymentRecord[]>();
  const keep = (payer: string, payments: readonly PaymentRecord[]): void => {
    records.set(payer, [...(records.get(payer) ?? []), ...payments]);
  };
  for (const { plan, payments } of results) {
    keep(plan.user === undefined ? APP_PAYER : (cast.users[plan.user]?.name ?? ''), payments);
  }
  keep(cast.lead.name, shown);
  return records;
}
