import { type Outcome, ok, refused, type Sql } from '@clearinghouse/shared';
import { verifyAuthenticationResponse } from '@simplewebauthn/server';
import { takeChallenge } from '../challenge-store.ts';
import { AMR, type SignedIn } from '../signed-in.ts';
import { assertionSchema, challengeOf, parseResponse } from './passkey-response.ts';
import type { PasskeySite } from './passkey-site.ts';
import { advanceCounter, findPasskey, type PasskeyRow } from './passkey-store.ts';

type Deps = { readonly db: Sql; readonly passkeySite: PasskeySite };

/**
 * Signs in with what a browser answered: one of our challenges, taken whatever comes of it, our
 * origin, a credential that we know, its user verified, and a counter that grew.
 *
 * @returns `sign_in_refused`; detail, for logs, says why.
 */
export async function finishPasskey(
  deps: Deps,
  input: { holder: string; response: string },
): Promise<Outcome<SignedIn, 'sign_in_refused'>> {
  const { db } = deps;
  const response = parseResponse(assertionSchema, input.response);
  if (!response) return refused('sign_in_refused', 'form of the response');
  const challenge = challengeOf(response.response.clientDataJSON);
  const taken = await takeChallenge(db, { id: challenge, kind: 'passkey', holder: input.holder });
  if (!taken) return refused('sign_in_refused', 'challenge');
  const passkey = await findPasskey(db, Buffer.from(response.id, 'base64url'));
  if (passkey?.status !== 'active') return refused('sign_in_refused', 'unknown credential');
  const verified = await verify(deps, { response, challenge, passkey });
  if (!verified) return refused('sign_in_refused', 'signature');
  if (!(await advanceCounter(db, { id: passkey.id, ...verified }))) {
    return refused('sign_in_refused', 'counter');
  }
  return ok({ accountId: passkey.accountId, methods: AMR.passkey });
}

async function verify(
  deps: Deps,
  input: {
    response: NonNullable<ReturnType<typeof parseResponse<typeof assertionSchema>>>;
    challenge: string;
    passkey: PasskeyRow;
  },
): Promise<{ counter: number; isBackedUp: boolean } | undefined> {
  const { response, challenge, passkey } = input;
  const { rpId, origin } = deps.passkeySite;
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: response as never,
      expectedChallenge: challenge,
      expectedOrigin: origin,
      expectedRPID: rpId,
      requireUserVerification: true,
      credential: {
        id: passkey.credentialId.toString('base64url'),
        publicKey: new Uint8Array(passkey.publicKey),
        // The counter is compared by the database, where two at once cannot both win.
        counter: 0,
        transports: passkey.transports,
      },
    });
    const { newCounter, credentialBackedUp } = authenticationInfo;
    return verified ? { counter: newCounter, isBackedUp: credentialBackedUp } : undefined;
  } catch {
    return undefined;
  }
}
