import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { isAllowedAddress } from '@clearinghouse/shared';

/** An orchestrator's node, with the address that is connected to. */
export type Node = {
  /** Its service URI, without a slash at the end. */
  readonly uri: string;
  readonly host: string;
  readonly port: number;
  readonly ip: string;
};

const HTTPS_PORT = 443;

/** The URI as it is told and compared: without slashes at its end. */
export function normaliseUri(uri: string): string {
  return uri.trim().replace(/\/+$/, '');
}

/**
 * Looks a service URI up once; what is connected to later is the address that was judged here.
 *
 * @param options.onlyPublic whoever named it is a stranger: no address of our own networks.
 * @throws Error when it is no https URL, has no address, or one that is not public.
 */
export async function resolveNode(
  uri: string,
  options: { readonly onlyPublic: boolean },
): Promise<Node> {
  const url = URL.parse(uri);
  if (url?.protocol !== 'https:') throw new Error('not an https URL');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const addresses = isIP(host) ? [{ address: host }] : await lookup(host, { all: true });
  const [first] = addresses;
  if (!first) throw new Error('the name has no address');
  const isPublic = (address: string) => isAllowedAddress(address, { allowLoopback: false });
  if (options.onlyPublic && !addresses.every(({ address }) => isPublic(address))) {
    throw new Error('the address is not a public one');
  }
  const port = url.port === '' ? HTTPS_PORT : Number(url.port);
  return { uri: normaliseUri(uri), host, port, ip: first.address };
}

/** What the node's certificate is asked for by; an address has no name. */
export function serverNameOf({ host }: Node): string {
  return isIP(host) === 0 ? host : 'orchestrator.invalid';
}
