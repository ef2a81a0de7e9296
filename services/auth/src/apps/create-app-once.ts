import { runOnce } from '@clearinghouse/shared';
import { type ChangeIdentityDeps, changeIdentity } from '../identity/change-identity.ts';
import { createApp } from './create-app.ts';

/**
 * Creates an app once per Idempotency-Key. The stored answer has no secret: a repeat tells which
 * app it was, and a lost secret is replaced by rotating it.
 *
 * @throws ServiceError `idempotency_key_required`, `idempotency_mismatch`.
 */
export async function createAppOnce(
  deps: ChangeIdentityDeps,
  input: {
    name: string;
    actor: string;
    requestId?: string | undefined;
    idempotencyKey: string | undefined;
    rawInput: Uint8Array;
  },
): Promise<{ status: number; body: unknown; replayed: boolean }> {
  let secret: string | undefined;
  const { idempotencyKey: key, rawInput } = input;
  const scope = `admin.apps:${input.actor}`;
  const answer = await changeIdentity(deps, (tx, record) =>
    runOnce(tx, { schema: 'auth', scope, key, rawInput }, async () => {
      const created = await createApp({ tx, record }, input);
      const { clientSecret, ...machine } = created.machine;
      secret = clientSecret;
      return { status: 201, body: { ...created, machine } };
    }),
  );
  if (answer.replayed || secret === undefined) return answer;
  const body = answer.body as { machine: object };
  return { ...answer, body: { ...body, machine: { ...body.machine, clientSecret: secret } } };
}
