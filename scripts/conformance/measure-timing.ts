import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { fillForm, findForm } from './agent/page-forms.ts';
import { UserAgent } from './agent/user-agent.ts';
import type { Issuer } from './issuer/open-issuer.ts';

/** Two requests that must not be told apart by their time, and what they took. */
export type Told = {
  readonly knownP50Ms: number;
  readonly unknownP50Ms: number;
  /** How far the medians are apart, of the smaller. */
  readonly apart: number;
  /** The same for two halves of one kind: what is noise on this machine. */
  readonly noise: number;
};

type Kind = 'known' | 'unknown';
/** Sends one request of a kind and resolves when it was refused. */
type Ask = (kind: Kind) => Promise<void>;

const REQUEST_SAMPLES = 1_000;
/** Each takes as long as a password hash. */
const PASSWORD_SAMPLES = 300;
const WARM_UP = 50;
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const CHECKSUM_CHARS = 6;
/** What is changed of a live key: its last ten random letters, and the checksum over them. */
const KEY_END_CHARS = 10 + CHECKSUM_CHARS;

/**
 * S28: does the time of a refusal tell a known client from an unknown one, the beginning of a live
 * API key from any other, or the address of a person from one that nobody has? Requests of both
 * kinds by turns.
 */
export async function measureTiming(
  issuer: Issuer,
): Promise<Record<'client' | 'key' | 'address', Told>> {
  return {
    client: await compare(await asClients(issuer), REQUEST_SAMPLES),
    key: await compare(await withKeys(issuer), REQUEST_SAMPLES),
    address: await compare(await asPeople(issuer), PASSWORD_SAMPLES),
  };
}

/** A wrong secret at the token endpoint. */
async function asClients({ origin, makeClient }: Issuer): Promise<Ask> {
  const { clientId } = await makeClient({ redirect_uris: ['https://rp.example/cb'] });
  return async (kind) => {
    const id = kind === 'known' ? clientId : `web_${randomBytes(12).toString('hex')}`;
    const basic = Buffer.from(`${id}:${randomBytes(24).toString('hex')}`).toString('base64');
    const response = await fetch(`${origin}/api/v1/oidc/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${basic}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    });
    await response.arrayBuffer();
    const { status } = response;
    if (status !== 401) throw new Error(`${kind} client: HTTP ${status}`);
  };
}

/** An API key with a good checksum that is nobody's; a known one is a live key but for its end. */
async function withKeys({ origin, makeKey }: Issuer): Promise<Ask> {
  const live = await makeKey();
  if (checksum(live.slice(0, -CHECKSUM_CHARS)) !== live.slice(-CHECKSUM_CHARS)) {
    throw new Error('the checksum of keys is another');
  }
  const prefix = live.slice(0, live.lastIndexOf('_') + 1);
  return async (kind) => {
    const start = kind === 'known' ? live.slice(prefix.length, -KEY_END_CHARS) : '';
    const letters = live.length - CHECKSUM_CHARS - prefix.length - start.length;
    const text = `${prefix}${start}${randomLetters(letters)}`;
    const response = await fetch(`${origin}/api/v1/forward-auth`, {
      headers: { authorization: `Bearer ${text}${checksum(text)}` },
    });
    const { error } = (await response.json()) as { error?: string };
    const { status } = response;
    if (status !== 401) throw new Error(`${kind} key: HTTP ${status} ${error}`);
  };
}

function randomLetters(count: number): string {
  return Array.from(randomBytes(count), (byte) => ALPHABET[byte % ALPHABET.length]).join('');
}

/** The CRC32 of a key as six letters. */
function checksum(text: string): string {
  let rest = crc32(text);
  let letters = '';
  while (letters.length < CHECKSUM_CHARS) {
    letters = `${ALPHABET[rest % ALPHABET.length]}${letters}`;
    rest = Math.floor(rest / ALPHABET.length);
  }
  return letters;
}

/** A wrong password on the page of sign-in. */
async function asPeople({ origin, person }: Issuer): Promise<Ask> {
  const agent = new UserAgent();
  const form = findForm(await agent.get(`${origin}/account`), '/password');
  return async (kind) => {
    const nobody = `${randomBytes(4).toString('hex')}@example.org`;
    const email = kind === 'known' ? person.email : nobody;
    const answer = await agent.submit(fillForm(form, { email, password: 'wrong password' }));
    if (answer.status !== 401) throw new Error(`${kind} address: HTTP ${answer.status}`);
  };
}

async function compare(ask: Ask, samples: number): Promise<Told> {
  const took: Record<Kind, number[]> = { known: [], unknown: [] };
  for (let round = 0; round < WARM_UP + samples; round += 1) {
    for (const kind of ['known', 'unknown'] as const) {
      const began = performance.now();
      await ask(kind);
      if (round >= WARM_UP) took[kind].push(performance.now() - began);
    }
  }
  const [knownP50Ms, unknownP50Ms] = [median(took.known), median(took.unknown)];
  const everyOther = (rest: number) => took.known.filter((_ms, index) => index % 2 === rest);
  return {
    knownP50Ms,
    unknownP50Ms,
    apart: apart(knownP50Ms, unknownP50Ms),
    noise: apart(median(everyOther(0)), median(everyOther(1))),
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function apart(one: number, other: number): number {
  return Math.abs(one - other) / Math.min(one, other);
}
