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

/** Measures one after the other. */
export async function compareRates(our: Target, other: Target): Promise<Compared> {
  const ours = await measureRate(our.origin, our.makeCaller);
  const plain = await measureRate(other.origin, other.makeCaller);
  return { ours, plain, ratio: ours.perSecond / plain.perSecond };
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
