import { requestBytes } from './http-connection.ts';
import { measureRate, type NextRequest, type Rate } from './measure-rate.ts';

export const ISSUER_PATH = '/api/v1/oidc';
/** `id:secret` of the plain provider's only client. */
export const PLAIN_CLIENT = 'bench:bench-secret-bench-secret-bench-secret';

const FORM = 'application/x-www-form-urlencoded';

/** Ours beside plain oidc-provider in memory, in the same minutes on the same machine. */
export type Compared = { readonly ours: Rate; readonly plain: Rate; readonly ratio: number };

/** A server, and what each of its callers sends. */
export type Target = {
  readonly origin: string;
  readonly makeCaller: (index: number) => NextRequest;
};

/** Turns that count, after one for each that does not: a process that has just started is slower. */
const TURNS = 3;

/** Measures them in turns, so that both meet the machine's better and worse moments; the means. */
export async function compareRates(our: Target, other: Target): Promise<Compared> {
  const ours: Rate[] = [];
  const plain: Rate[] = [];
  for (let turn = 0; turn <= TURNS; turn += 1) {
    ours.push(await measureRate(our.origin, our.makeCaller));
    plain.push(await measureRate(other.origin, other.makeCaller));
  }
  const [mine, theirs] = [meanOf(ours.slice(1)), meanOf(plain.slice(1))];
  return { ours: mine, plain: theirs, ratio: mine.perSecond / theirs.perSecond };
}

function meanOf(rates: readonly Rate[]): Rate {
  const mean = (pick: (rate: Rate) => number) =>
    rates.reduce((sum, rate) => sum + pick(rate), 0) / rates.length;
  const others: Record<string, number> = {};
  for (const [status, count] of rates.flatMap((rate) => Object.entries(rate.others))) {
    others[status] = (others[status] ?? 0) + count;
  }
  return {
    perSecond: mean((rate) => rate.perSecond),
    p50Ms: mean((rate) => rate.p50Ms),
    p99Ms: mean((rate) => rate.p99Ms),
    others,
    all: rates.reduce((sum, rate) => sum + rate.all, 0),
  };
}

/** The same bytes, again and again. */
export function always(origin: string, request: Buffer): Target {
  return { origin, makeCaller: () => () => request };
}

/** A form that a client posts, proven by Basic authentication when it has a secret. */
export function postForm(
  origin: string,
  input: {
    readonly path: string;
    readonly client?: string;
    readonly form: Readonly<Record<string, string>>;
  },
): Buffer {
  const { path, client, form } = input;
  const proof = client && { Authorization: `Basic ${Buffer.from(client).toString('base64')}` };
  return requestBytes(origin, {
    method: 'POST',
    path,
    headers: { ...proof, 'Content-Type': FORM },
    body: new URLSearchParams(form).toString(),
  });
}
