import { type Outcome, ok, refused, type Sql } from '@clearinghouse/shared';
import { generateRegistrationOptions, verifyRegistrationResponse } from '@simplewebauthn/server';
import type { Account } from '../../accounts/account.ts';
import { lockAccount } from '../../accounts/account-store.ts';
import { recordAudit } from '../../audit/record-audit.ts';
import { type ChangeIdentityDeps, changeIdentity } from '../../identity/change-identity.ts';
import { insertChallenge, takeChallenge } from '../challenge-store.ts';
import { attestationSchema, challengeOf, parseResponse } from './passkey-response.ts';
import type { PasskeySite } from './passkey-site.ts';
import { findCredentialIds, findPasskeys, insertPasskey } from './passkey-store.ts';

export const PASSKEYS_PER_ACCOUNT_MAX = 20;
const LABEL_CHARS_MAX = 100;
/** COSE: EdDSA, ES256, RS256. */
const ALGORITHMS = [-8, -7, -257];

export type AddPasskeyDeps = ChangeIdentityDeps & {
  readonly passkeySite: PasskeySite;
  readonly installationName: string;
};

/** Writes what a browser is asked when a passkey is added to an account. */
export async function startAddingPasskey(
  deps: { db: Sql } & Pick<AddPasskeyDeps, 'passkeySite' | 'installationName'>,
  input: { holder: string; account: Pick<Account, 'id' | 'email' | 'displayName'> },
): Promise<object> {
  const { account, holder } = input;
  const known = await findCredentialIds(deps.db, account.id);
  const name = account.email ?? account.displayName ?? account.id;
  const options = await generateRegistrationOptions({
    rpID: deps.passkeySite.rpId,
    rpName: deps.installationName,
    // The account's id is random: what a device keeps of it tells nothing about its owner.
    userID: new TextEncoder().encode(account.id),
    userName: name,
    userDisplayName: account.displayName ?? name,
    attestationType: 'none',
    supportedAlgorithmIDs: ALGORITHMS,
    excludeCredentials: known.map(({ credentialId, transports }) => ({
      id: credentialId.toString('base64url'),
      transports,
    })),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  });
  const detail = { accountId: account.id };
  const { challenge: id } = options;
  await insertChallenge(deps.db, { id, kind: 'passkey_new', holder, detail });
  return options;
}

/**
 * Adds the passkey that a browser made.
 *
 * @returns `sign_in_refused` for an answer that is not good, `conflict` for one too many or one
 * that is somebody's already.
 */
export async function finishAddingPasskey(
  deps: AddPasskeyDeps,
  input: { holder: string; accountId: string; response: string; label: string },
): Promise<Outcome<undefined, 'sign_in_refused' | 'conflict'>> {
  const { holder, accountId } = input;
  const response = parseResponse(attestationSchema, input.response);
  if (!response) return refused('sign_in_refused', 'form of the response');
  const challenge = challengeOf(response.response.clientDataJSON);
  const taken = await takeChallenge(deps.db, { id: challenge, kind: 'passkey_new', holder });
  if (taken?.accountId !== accountId) return refused('sign_in_refused', 'challenge');
  const made = await verify(deps.passkeySite, response, challenge);
  if (!made) return refused('sign_in_refused', 'attestation');
  const { credential, credentialBackedUp: isBackedUp } = made;
  const label = input.label.trim().slice(0, LABEL_CHARS_MAX) || 'Passkey';
  const { publicKey, counter } = credential;
  const { transports = [] } = response.response;
  const credentialId = Buffer.from(credential.id, 'base64url');
  return changeIdentity(deps, async (tx) => {
    if (!(await lockAccount(tx, accountId))) return refused('sign_in_refused', 'account');
    const known = await findPasskeys(tx, accountId);
    if (known.length >= PASSKEYS_PER_ACCOUNT_MAX) return refused('conflict', 'too many');
    const row = { accountId, credentialId, publicKey, counter, transports, isBackedUp, label };
    if (!(await insertPasskey(tx, row))) return refused('conflict', 'known credential');
    const action = 'account.passkey_added';
    await recordAudit(tx, { action, actor: accountId, target: accountId });
    return ok(undefined);
  });
}

async function verify(
  site: PasskeySite,
  response: NonNullable<ReturnType<typeof parseResponse<typeof attestationSchema>>>,
  challenge: string,
) {
  try {
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: response as never,
      expectedChallenge: challenge,
      expectedOrigin: site.origin,
      expectedRPID: site.rpId,
      requireUserVerification: true,
      supportedAlgorithmIDs: ALGORITHMS,
    });
    return verified ? registrationInfo : undefined;
  } catch {
    return undefined;
  }
}
