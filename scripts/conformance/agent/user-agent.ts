/** A page that a user agent came to. */
export type Visit = {
  readonly url: URL;
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
  /** Where a redirect would lead that was not followed: to a host beyond this machine. */
  readonly left: URL | undefined;
  /** Every address on the way, the last one too. */
  readonly trail: readonly URL[];
};

/** What sending a form is. */
export type Submission = {
  readonly action: string;
  readonly method: 'GET' | 'POST';
  /** The origin of the page that has the form. */
  readonly origin: string;
  readonly fields: Readonly<Record<string, string>>;
};

type Request = { readonly url: URL; readonly init: RequestInit };
type Cookie = { readonly name: string; readonly path: string; readonly value: string };

const REDIRECTS_MAX = 20;
const LOOPBACK = new Set(['127.0.0.1', 'localhost']);

/**
 * A browser without scripts: keeps cookies by host and path, follows redirects between sites of
 * this machine, and sends forms with the headers that browsers send.
 */
export class UserAgent {
  readonly #cookies = new Map<string, Cookie>();

  /** What stands in the cookies, which opens doors. */
  get cookieValues(): readonly string[] {
    return [...this.#cookies.values()].map(({ value }) => value);
  }

  get(url: string | URL): Promise<Visit> {
    return this.#go({ url: new URL(url), init: { method: 'GET' } });
  }

  submit(form: Submission): Promise<Visit> {
    const url = new URL(form.action);
    if (form.method === 'GET') {
      url.search = new URLSearchParams(form.fields).toString();
      return this.get(url);
    }
    const isOwn = url.origin === form.origin;
    const headers = { origin: 'null', 'sec-fetch-site': isOwn ? 'same-origin' : 'cross-site' };
    const body = new URLSearchParams(form.fields);
    return this.#go({ url, init: { method: 'POST', headers, body } });
  }

  async #go(first: Request): Promise<Visit> {
    const trail: URL[] = [];
    let { url, init } = first;
    while (trail.length < REDIRECTS_MAX) {
      trail.push(url);
      const response = await this.#send(url, init);
      const { status, headers } = response;
      const text = await response.text();
      const to = status >= 300 && status < 400 ? headers.get('location') : null;
      if (to === null) return { url, status, text, headers, left: undefined, trail };
      const next = new URL(to, url);
      if (!LOOPBACK.has(next.hostname)) return { url, status, text, headers, left: next, trail };
      url = next;
      init = { method: 'GET' };
    }
    throw new Error(`the redirects do not end: ${trail.at(-1)?.pathname}`);
  }

  async #send(url: URL, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set('accept', 'text/html');
    const cookie = this.#header(url);
    if (cookie !== '') headers.set('cookie', cookie);
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) this.#keep(url, line);
    return response;
  }

  #header(url: URL): string {
    return [...this.#cookies]
      .filter(([key]) => key.startsWith(`${url.host} `))
      .map(([, cookie]) => cookie)
      .filter(({ path }) => path === '/' || `${url.pathname}/`.startsWith(`${path}/`))
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
  }

  #keep(url: URL, line: string): void {
    const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
    const at = pair.indexOf('=');
    const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
    const path = attributes.find((part) => /^path=/i.test(part))?.slice('path='.length) || '/';
    const isGone = value === '' || attributes.some((part) => /^max-age=0$/i.test(part));
    const key = `${url.host} ${path} ${name}`;
    if (isGone) this.#cookies.delete(key);
    else this.#cookies.set(key, { name, path, value });
  }
}
