import { randomBytes } from 'node:crypto';
import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttps, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { getBytes, keccak256, SigningKey } from 'ethers';
import { curve } from '../custody/curve.ts';

/** What it does with a request to sign. */
export type Web3SignerMode =
  | 'proper'
  | 'hang'
  | 'wrong_key'
  | 'high_s'
  | 'v_0_1'
  | 'status_500'
  | 'truncated'
  | 'broken_off'
  | 'redirect'
  | 'endless'
  | 'random_nonce';

/** A Web3Signer as its published eth1 interface has it, and as it must not be. */
export type Web3SignerDouble = {
  readonly url: string;
  /** Changed at will; `times` requests are answered so, the rest properly. */
  readonly rules: { mode: Web3SignerMode; times: number };
  /** Paths asked for, and what was sent to be signed. */
  readonly asked: { readonly path: string; readonly data: string | undefined }[];
  readonly stop: () => Promise<void>;
};

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/** Starts one on a free port, with these keys (`0x` hex), over TLS when told how. */
export async function startWeb3SignerDouble(
  privateKeys: readonly string[],
  tls?: ServerOptions,
): Promise<Web3SignerDouble> {
  const keys = new Map(
    privateKeys.map((key) => {
      const signingKey = new SigningKey(key);
      return [`0x${signingKey.publicKey.slice(4)}` as string, signingKey] as const;
    }),
  );
  const rules: Web3SignerDouble['rules'] = { mode: 'proper', times: Number.POSITIVE_INFINITY };
  const asked: { path: string; data: string | undefined }[] = [];
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const path = request.url ?? '';
    const data = dataOf(await readText(request));
    asked.push({ path, data });
    if (path === '/api/v1/eth1/publicKeys') {
      response.setHeader('content-type', 'application/json');
      return response.end(JSON.stringify([...keys.keys()]));
    }
    const key = keys.get(path.replace('/api/v1/eth1/sign/', ''));
    if (key === undefined) return response.writeHead(404).end();
    if (data === undefined) return response.writeHead(400).end();
    rules.times -= 1;
    return answer(response, rules.times >= 0 ? rules.mode : 'proper', key, data);
  };
  const onRequest = (request: IncomingMessage, response: ServerResponse) =>
    void handle(request, response);
  const server = tls ? createHttps(tls, onRequest) : createHttp(onRequest);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    rules,
    asked,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(
  response: ServerResponse,
  mode: Web3SignerMode,
  key: SigningKey,
  data: string,
): unknown {
  if (mode === 'hang') return undefined;
  if (mode === 'status_500') return response.writeHead(500).end('key 0xabc is broken');
  if (mode === 'redirect') return response.writeHead(302, { location: '/upcheck' }).end();
  const text = signatureOf(mode, key, data);
  response.setHeader('content-type', 'text/plain; charset=utf-8');
  if (mode === 'truncated') return response.end(text.slice(0, 100));
  if (mode === 'broken_off') {
    response.writeHead(200, { 'content-length': text.length });
    return response.write(text.slice(0, 100), () => response.destroy());
  }
  if (mode === 'endless') {
    const more = () => {
      while (!response.destroyed && response.write('0'.repeat(65_536)));
    };
    response.on('drain', more);
    return more();
  }
  return response.end(text);
}

/** keccak256 over the data, signed; `0x`, r, s, v with v 27 or 28. */
function signatureOf(mode: Web3SignerMode, key: SigningKey, data: string): string {
  const digest = keccak256(data);
  const signer = mode === 'wrong_key' ? new SigningKey(randomBytes(32)) : key;
  const { r, s, v } = signer.sign(digest);
  if (mode === 'high_s') {
    const high = (ORDER - BigInt(s)).toString(16).padStart(64, '0');
    return `${r}${high}${(55 - v).toString(16)}`;
  }
  if (mode === 'v_0_1') return `${r}${s.slice(2)}0${v - 27}`;
  if (mode === 'random_nonce') {
    const options = { data: randomBytes(32) };
    const { signature, recid } = curve.ecdsaSign(
      getBytes(digest),
      getBytes(key.privateKey),
      options,
    );
    return `0x${Buffer.from(signature).toString('hex')}${(27 + recid).toString(16)}`;
  }
  return `${r}${s.slice(2)}${v.toString(16)}`;
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function dataOf(text: string): string | undefined {
  try {
    const { data } = JSON.parse(text) as { data?: unknown };
    return typeof data === 'string' && /^0x([0-9a-f]{2})*$/i.test(data) ? data : undefined;
  } catch {
    return undefined;
  }
}
