import { randomBytes } from 'node:crypto';
import { type LoadSession, makeSession } from './make-session.ts';
import { RawConnection } from './raw-connection.ts';

/** What to send: as long as `seconds` or as many as `payments`, whichever ends first. */
export type Load = {
  readonly signerUrl: string;
  /** Authorization header values, one caller after the other. */
  readonly credentials: readonly string[];
  readonly callers: number;
  readonly seconds: number;
  readonly payments: number;
  readonly sessionLength: number;
  /** Tickets of each payment; one unless told. */
  readonly tickets?: number;
};

/** What came back. Latencies in milliseconds. */
export type LoadResult = {
  readonly payments: number;
  readonly seconds: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly byStatus: Readonly<Record<string, number>>;
  /** What the generator itself took of the machine. */
  readonly cpuSeconds: number;
};

const FIRST_STATE = '{"State":null,"Sig":null}';
const STATE_KEY = '"state":';

/** Sends whole payments, each session's calls one after the other with the state handed on. */
export async function generateLoad(load: Load): Promise<LoadResult> {
  const latencies: number[] = [];
  const byStatus: Record<string, number> = {};
  const orchestrator = randomBytes(20);
  const startedAt = performance.now();
  const until = startedAt + load.seconds * 1000;
  let sent = 0;
  const caller = async (index: number) => {
    const credential = load.credentials[index % load.credentials.length] ?? '';
    const url = new URL(load.signerUrl);
    const connection = new RawConnection(url, '/generate-live-payment', credential);
    let session: LoadSession = makeSession(orchestrator, load.tickets);
    let state = FIRST_STATE;
    let calls = 0;
    while (sent < load.payments && performance.now() < until) {
      sent += 1;
      const began = performance.now();
      const answer = await connection.post(`${session.before}${state}${session.after}`);
      latencies.push(performance.now() - began);
      byStatus[answer.status] = (byStatus[answer.status] ?? 0) + 1;
      calls += 1;
      if (answer.status === 200 && calls < load.sessionLength) {
        const at = answer.body.lastIndexOf(STATE_KEY) + STATE_KEY.length;
        state = answer.body.slice(at, answer.body.lastIndexOf('}'));
        continue;
      }
      session = makeSession(orchestrator, load.tickets);
      state = FIRST_STATE;
      calls = 0;
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: load.callers }, (_, index) => caller(index)));
  const seconds = (performance.now() - startedAt) / 1000;
  latencies.sort((a, b) => a - b);
  const at = (share: number) => latencies[Math.floor(latencies.length * share)] ?? 0;
  const payments = byStatus['200'] ?? 0;
  const { userCPUTime, systemCPUTime } = process.resourceUsage();
  return {
    payments,
    seconds,
    perSecond: payments / seconds,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    byStatus,
    cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
  };
}
