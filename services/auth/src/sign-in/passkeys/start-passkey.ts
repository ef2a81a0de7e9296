import type { Sql } from '@clearinghouse/shared';
import { generateAuthenticationOptions } from '@simplewebauthn/server';
import { insertChallenge } from '../challenge-store.ts';
import type { PasskeySite } from './passkey-site.ts';

/**
 * Writes what a browser is asked when somebody signs in with a passkey: any that it has for this
 * site, so that nobody types a name and no list of credentials leaves.
 */
export async function startPasskey(
  deps: { db: Sql; passkeySite: PasskeySite },
  input: { holder: string },
): Promise<object> {
  const { rpId } = deps.passkeySite;
  const options = await generateAuthenticationOptions({ rpID: rpId, userVerification: 'required' });
  const { challenge: id } = options;
  await insertChallenge(deps.db, { id, kind: 'passkey', holder: input.holder, detail: {} });
  return options;
}
