import { createHash, randomBytes } from 'node:crypto';
import type { TestAuth } from './start-test-auth.ts';

type Cookie = { readonly value: string; readonly path: string; readonly attributes: string };

/** A page or JSON that a browser came to. */
export type Visit = {
  readonly url: URL;
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
  /** Where the next step would lead, when it is not followed: another site's address. */
  readonly left: URL | undefined;
};

const STEPS_MAX = 10;

/**
 * A browser without scripts: cookies by path, redirects within its sites, forms sent as browsers
 * send them from our own pages.
 */
export class Browser {
  readonly #cookies = new Map<string, Map<string, Cookie>>();
  readonly origin: string;
  /** Other origins that it follows redirects to. */
  readonly sites: Set<string>;

  constructor(origin: string, sites: readonly string[] = []) {
    this.origin = origin;
    this.sites = new Set([origin, ...sites]);
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Visit> {
    return this.#go(new URL(path, this.origin), { headers });
  }

  /** Follows a link of our own page. */
  follow(path: string): Promise<Visit> {
    return this.get(path, { 'sec-fetch-site': 'same-origin' });
  }

  /** Sends a form of our own page. */
  post(
    path: string,
    form: Record<string, string>,
    headers: Record<string, string> = { origin: 'null', 'sec-fetch-site': 'same-origin' },
  ): Promise<Visit> {
    return this.#go(new URL(path, this.origin), { form, headers });
  }

  /** The same, without going where the answer leads. */
  async postOnly(path: string, form: Record<string, string>): Promise<Response> {
    const headers = { origin: 'null', 'sec-fetch-site': 'same-origin' };
    return this.#send(new URL(path, this.origin), form, headers);
  }

  cookie(name: string, origin = this.origin): Cookie | undefined {
    return [...(this.#cookies.get(origin)?.values() ?? [])].find((_cookie, index) => {
      const key = [...(this.#cookies.get(origin)?.keys() ?? [])][index];
      return key?.startsWith(`${name};`);
    });
  }

  setCookie(name: string, value: string): void {
    this.#keep(this.origin, `${name}=${value}; path=/`);
  }

  async #go(
    start: URL,
    first: { form?: Record<string, string>; headers?: Record<string, string> },
  ): Promise<Visit> {
    let url = start;
    let { form } = first;
    for (let step = 0; step < STEPS_MAX; step += 1) {
      const headers = step === 0 ? first.headers : undefined;
      const response = await this.#send(url, form, headers ?? {});
      const text = await response.text();
      const to = response.headers.get('location');
      const seen = { url, status: response.status, text, headers: response.headers };
      if (to === null) return { ...seen, left: undefined };
      const next = new URL(to, url);
      if (!this.sites.has(next.origin)) return { ...seen, left: next };
      url = next;
      form = undefined;
    }
    throw new Error('the redirects do not end');
  }

  async #send(url: URL, form: Record<string, string> | undefined, headers: Record<string, string>) {
    const response = await fetch(url, {
      method: form ? 'POST' : 'GET',
      redirect: 'manual',
      headers: {
        accept: 'text/html',
        cookie: this.#header(url),
        ...(form ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
        ...headers,
      },
      ...(form ? { body: new URLSearchParams(form) } : {}),
    });
    for (const cookie of response.headers.getSetCookie()) this.#keep(url.origin, cookie);
    return response;
  }

  #header(url: URL): string {
    return [...(this.#cookies.get(url.origin) ?? [])]
      .filter(([, { path }]) => path === '/' || `${url.pathname}/`.startsWith(`${path}/`))
      .map(([key, { value }]) => `${key.split(';')[0]}=${value}`)
      .join('; ');
  }

  #keep(origin: string, line: string): void {
    const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
    const at = pair.indexOf('=');
    const name = pair.slice(0, at);
    const path = attributes.find((part) => /^path=/i.test(part))?.slice(5) ?? '/';
    const jar = this.#cookies.get(origin) ?? new Map<string, Cookie>();
    this.#cookies.set(origin, jar);
    const value = pair.slice(at + 1);
    if (value === '') jar.delete(`${name};${path}`);
    else jar.set(`${name};${path}`, { value, path, attributes: attributes.join('; ') });
  }
}

/** The hidden field of the forms of a page. */
export function csrfOf(visit: Visit): string {
  return /name="csrf" value="([^"]+)"/.exec(visit.text)?.[1] ?? '';
}

/** The interaction that a page belongs to: `/interaction/{uid}`. */
export function interactionOf(visit: Visit): string {
  return /^\/interaction\/[^/]+/.exec(visit.url.pathname)?.[0] ?? '';
}

export const REDIRECT = 'https://client.example/cb';

/** The address by which an app begins a sign-in. */
export function authorizationUrl(
  auth: TestAuth,
  params: Record<string, string> = {},
): { url: string; verifier: string } {
  const verifier = randomBytes(32).toString('base64url');
  const query = new URLSearchParams({
    client_id: auth.seed.publicClientId,
    redirect_uri: REDIRECT,
    response_type: 'code',
    scope: 'openid email',
    state: 's',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...params,
  });
  return { url: `${auth.config.issuer}/auth?${query}`, verifier };
}

/** A person with a password. */
export const ALICE = { email: 'alice@example.org', password: 'correct horse battery' } as const;
