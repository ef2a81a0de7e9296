import { isIP } from 'node:net';

/** What passkeys are bound to (WebAuthn, section 5.1.3): the host name, and the whole origin. */
export type PasskeySite = { readonly rpId: string; readonly origin: string };

/** The site of an origin; undefined where no passkey can be: at an address instead of a name. */
export function passkeySiteOf(origin: string): PasskeySite | undefined {
  const { hostname } = new URL(origin);
  const isAddress = isIP(hostname.replace(/^\[|\]$/g, '')) !== 0;
  return isAddress ? undefined : { rpId: hostname, origin };
}
