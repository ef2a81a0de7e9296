import type { IncomingMessage, ServerResponse } from 'node:http';
import { REQUEST_ID_HEADER, requestIdFrom } from '@clearinghouse/shared';
import { type Client, isUsable, MINT_USER_SCOPE } from '../clients/client.ts';
import type { PeekClient } from '../clients/client-cache.ts';
import { compareSecret } from '../clients/compare-secret.ts';
import { issueMachineToken } from '../exchange/issue-machine-token.ts';
import type { MintUserDeps } from '../exchange/mint-user-signer-token.ts';
import type { AuthMetrics } from '../metrics/auth-metrics.ts';
import type { PeekRate } from '../rate-limits/rate-limit.ts';
import type { TokenDeps } from '../tokens/token-deps.ts';
import { ipOf } from './rate-limit.ts';
import {
  type MachineRequest,
  machineRequestBytes,
  readMachineRequest,
} from './read-machine-request.ts';

export type MachineTokenDeps = TokenDeps &
  MintUserDeps & {
    readonly peekClient: PeekClient;
    readonly peekRate: PeekRate;
    readonly metrics: Pick<AuthMetrics, 'observeRequest'>;
  };

export type MachineTokenOptions = {
  readonly issuerPath: string;
  /** Host names by which the token endpoint is served. */
  readonly hosts: ReadonlySet<string>;
  readonly trustedHops: number;
};

const ROUTE = '/token';
/** As the issuer's library and our routes write them for the same request. */
const HEADERS = {
  'Cache-Control': 'no-store',
  Pragma: 'no-cache',
  Vary: 'Origin',
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers': 'DPoP-Nonce,WWW-Authenticate',
  'Content-Type': 'application/json; charset=utf-8',
};

/**
 * Answers the ordinary request of an app's backend for a token on node:http alone, which costs a
 * third of what the issuer's library and the framework take for it. It only ever grants: a client
 * that is known to be good asks for what it may have. Whatever else it is (a refusal above all) goes the
 * long way, which is the one that decides.
 *
 * @returns a function that takes a request, or says that it does not; `otherwise` gets it whole
 * when only its body tells that it goes the long way.
 */
export function answerMachineTokens(
  deps: MachineTokenDeps,
  options: MachineTokenOptions,
): (request: IncomingMessage, response: ServerResponse, otherwise: () => void) => boolean {
  const at = { path: `${options.issuerPath}${ROUTE}`, hosts: options.hosts };
  return (request, response, otherwise) => {
    const bytes = machineRequestBytes(request, at);
    if (bytes === 0) return false;
    const startedMs = performance.now();
    // Once: the body of an ordinary request comes with its headers, or right behind them.
    request.once('readable', () => {
      const body = takeBody(request, bytes);
      const asked = body === undefined ? undefined : readMachineRequest(request.headers, body);
      const client = asked && findGoodClient(deps, options, request, asked);
      if (!asked || !client) return otherwise();
      grant(deps, client, asked)
        .then((answer) => {
          if (answer === undefined) return otherwise();
          request.resume();
          send(request, response, answer);
          const elapsedMs = performance.now() - startedMs;
          deps.metrics.observeRequest({ route: ROUTE, status: 200, elapsedMs });
        })
        // What failed is told, and logged, where every failure is.
        .catch(otherwise);
    });
    return true;
  };
}

/** The whole body, which stays in the request for whoever may read it next. */
function takeBody(request: IncomingMessage, bytes: number): string | undefined {
  const body = request.read() as Buffer | null;
  if (body === null) return undefined;
  request.unshift(body);
  return body.length === bytes ? body.toString('latin1') : undefined;
}

/** Who asks, when memory knows the client, its secret is right, and nothing bounds it now. */
function findGoodClient(
  deps: MachineTokenDeps,
  options: MachineTokenOptions,
  request: IncomingMessage,
  asked: MachineRequest,
): Client | undefined {
  const client = deps.peekClient(asked.clientId);
  if (!client || !isUsable(client) || !isOrdinary(client)) return undefined;
  if (!compareSecret(client.secrets, asked.secret, new Date(deps.nowMs()))) return undefined;
  const ip = ipOf({ ip: ipOfRequest(request, options.trustedHops) });
  const isBounded =
    !deps.peekRate('token_ip', ip).ok || !deps.peekRate('token_client', client.id).ok;
  return isBounded ? undefined : client;
}

function isOrdinary({ kind, metadata }: Client): boolean {
  const isMachine = kind === 'machine' || kind === 'admin';
  const proves = metadata.token_endpoint_auth_method !== 'private_key_jwt';
  return isMachine && proves && metadata.dpop_bound_access_tokens !== true;
}

/** As the framework reads it: the nearest address that no proxy of ours has added. */
function ipOfRequest({ headers, socket }: IncomingMessage, trustedHops: number): string {
  const forwarded = trustedHops > 0 ? headers['x-forwarded-for'] : undefined;
  const hops = typeof forwarded === 'string' ? forwarded.split(/\s*,\s*/).slice(-trustedHops) : [];
  return hops[0] || socket.remoteAddress || '';
}

async function grant(
  deps: MachineTokenDeps,
  client: Client,
  { scope, targets }: MachineRequest,
): Promise<string | undefined> {
  // A user's token needs the database.
  if (scope.includes(MINT_USER_SCOPE)) return undefined;
  const { id: clientId, appId, scopes } = client;
  const caller = { clientId, appId: appId ?? undefined, scopes };
  const input = { caller, scope, targets, externalUserId: undefined };
  const outcome = await issueMachineToken(deps, input);
  return outcome.ok ? JSON.stringify(outcome.value) : undefined;
}

function send(request: IncomingMessage, response: ServerResponse, body: string): void {
  const given = request.headers['x-request-id'];
  response.writeHead(200, {
    ...HEADERS,
    [REQUEST_ID_HEADER]: requestIdFrom(typeof given === 'string' ? given : undefined),
    'Content-Length': Buffer.byteLength(body),
  });
  response.end(body);
}
