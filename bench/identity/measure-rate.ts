import { HttpConnection } from './http-connection.ts';

const CALLERS = 16;
const WARM_UP_MS = 1_000;
const MEASURED_MS = 4_000;

/** One caller: what it sends next, given the body of its last answer. */
export type NextRequest = (lastBody: Buffer) => Buffer;

/** Requests answered with 200 in a second, and how long they took. */
export type Rate = {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly others: Readonly<Record<string, number>>;
  /** Requests answered in all, the warm-up's too. */
  readonly all: number;
};

/** Sends from 16 connections at once (or so many), each with one request under way, for four seconds. */
export async function measureRate(
  origin: string,
  makeCaller: (index: number) => NextRequest,
  callers = CALLERS,
): Promise<Rate> {
  const latencies: number[] = [];
  const others: Record<string, number> = {};
  let all = 0;
  const startAt = performance.now() + WARM_UP_MS;
  const endAt = startAt + MEASURED_MS;
  const call = async (index: number) => {
    const connection = new HttpConnection(origin);
    const next = makeCaller(index);
    for (;;) {
      const began = performance.now();
      const request = next(connection.body);
      // After `next`, which a later measurement goes on from.
      if (began >= endAt) break;
      const status = await connection.send(request);
      all += 1;
      if (began < startAt) continue;
      if (status === 200) latencies.push(performance.now() - began);
      else others[status] = (others[status] ?? 0) + 1;
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: callers }, (_, index) => call(index)));
  latencies.sort((a, b) => a - b);
  const at = (share: number) => latencies[Math.floor(latencies.length * share)] ?? 0;
  return {
    perSecond: latencies.length / (MEASURED_MS / 1000),
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    others,
    all,
  };
}
