import type { SenderProof } from '../orchestrator/open-session.ts';
import { type ClientKind, clientHeaders, type SignerHeaders } from './client-headers.ts';
import { post } from './post.ts';

const PROOF_TIMEOUT_MS = { go: 30_000, python: 5_000 } as const;
const ADDRESS = /^0x[0-9a-fA-F]{40}$/;
const SIGNATURE = /^0x[0-9a-f]{130}$/;

/**
 * Asks `/sign-orchestrator-info`, as a gateway does once at its start. Go posts no body, python
 * an empty object.
 *
 * @throws Error with the status when the signer does not answer 200 with both fields.
 */
export async function askProof(input: {
  readonly signerUrl: string;
  readonly signerHeaders: SignerHeaders;
  readonly client: ClientKind;
}): Promise<SenderProof> {
  const body = input.client === 'go' ? '' : '{}';
  const answer = await post({
    url: new URL('/sign-orchestrator-info', input.signerUrl).href,
    headers: clientHeaders(input.client, { signerHeaders: input.signerHeaders, body }),
    body,
    timeoutMs: PROOF_TIMEOUT_MS[input.client],
  });
  if (answer.status !== 200) {
    throw new Error(`/sign-orchestrator-info answered ${answer.status}: ${answer.body}`);
  }
  const { address, signature } = JSON.parse(answer.body.toString('utf8')) as Partial<SenderProof>;
  const isWhole = ADDRESS.test(address ?? '') && SIGNATURE.test(signature ?? '');
  if (!address || !signature || !isWhole) {
    throw new Error('/sign-orchestrator-info did not answer an address and a signature');
  }
  return { address, signature };
}
