import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { ApiTarget } from '../config/api-client.ts';
import { API_PATH, ISSUER_PATH } from '../paths.ts';
import { formatAnswer } from './format-answer.ts';
import { parseCall } from './parse-call.ts';
import { readOperations } from './read-operations.ts';

const TIMEOUT_MS = 30_000;

/** The API said no: its code, its words, and the id of the request. */
export class ApiRefusal extends Error {}

const errorSchema = z.object({ error: z.string(), message: z.string().optional() });

/**
 * Asks an installation's API for what the command line says. What can be asked is read from the
 * installation's own document, so that the command can do all that it can and nothing else.
 *
 * @returns what is to be printed.
 * @throws UsageFault, ApiRefusal, and Error when the installation cannot be reached.
 */
export async function runCall(target: ApiTarget, args: readonly string[]): Promise<string> {
  const { origin } = target;
  const document = await ask(`${origin}${API_PATH}/openapi.json`);
  const call = parseCall(readOperations(await document.json()), args);
  const { operation, body } = call;
  const headers = new Headers({ Authorization: await authorizationOf(target) });
  if (body) headers.set('Content-Type', 'application/json');
  if (operation.isOnce) headers.set('Idempotency-Key', call.idempotencyKey ?? randomUUID());
  const response = await ask(`${origin}${call.path}`, {
    method: operation.method,
    headers,
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const text = await response.text();
  const answer = response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text;
  if (!response.ok) throw new ApiRefusal(describeRefusal(response.status, answer));
  if (call.asJson) return JSON.stringify(answer === '' ? null : answer);
  return answer === '' ? 'done' : formatAnswer(answer);
}

/** A machine of the operator asks for a token of its own each time: none is kept anywhere. */
async function authorizationOf({ origin, credential }: ApiTarget): Promise<string> {
  if (credential.kind === 'token') return `Bearer ${credential.token}`;
  const { clientId, clientSecret } = credential;
  const basic = Buffer.from(`${clientId}:${clientSecret}`).toString('base64');
  const response = await ask(`${origin}${ISSUER_PATH}/token`, {
    method: 'POST',
    headers: { Authorization: `Basic ${basic}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'admin' }),
  });
  const answer = z
    .object({ access_token: z.string() })
    .safeParse(await response.json().catch(() => undefined));
  if (!answer.success) throw new ApiRefusal(`no token for ${clientId}: HTTP ${response.status}`);
  return `Bearer ${answer.data.access_token}`;
}

async function ask(url: string, init: RequestInit = {}): Promise<Response> {
  try {
    return await fetch(url, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch (cause) {
    throw new Error(`${new URL(url).origin} does not answer`, { cause });
  }
}

function describeRefusal(status: number, answer: unknown): string {
  const parsed = errorSchema.safeParse(answer);
  if (!parsed.success) return `HTTP ${status}`;
  const { error, message } = parsed.data;
  return message === undefined ? `${error} (${status})` : `${error} (${status}): ${message}`;
}
