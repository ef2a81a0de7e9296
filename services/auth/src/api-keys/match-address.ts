import { BlockList, isIP } from 'node:net';

const CIDR = /^([0-9a-fA-F:.]+)\/([0-9]{1,3})$/;
const PREFIX_BITS = { 4: 24, 6: 48 } as const;

/** Is this an address or a network, IPv4 or IPv6? One with a zone means nothing elsewhere. */
export function isAddressPattern(text: string): boolean {
  if (text.includes('%')) return false;
  if (isIP(text) !== 0) return true;
  const [, address = '', bits = ''] = CIDR.exec(text) ?? [];
  const version = isIP(address);
  return version !== 0 && Number(bits) <= (version === 4 ? 32 : 128);
}

/** Is an address one of these, or in one of these networks? IPv4 in IPv6 counts as IPv4. */
export function matchesAddress(patterns: readonly string[], address: string): boolean {
  const bare = bareAddress(address);
  const version = isIP(bare);
  if (version === 0 || bare.includes('%')) return false;
  const list = new BlockList();
  for (const pattern of patterns.filter(isAddressPattern)) {
    const [network = '', bits] = pattern.split('/');
    const family = isIP(network) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(network, family);
    else list.addSubnet(network, Number(bits), family);
  }
  return list.check(bare, version === 6 ? 'ipv6' : 'ipv4');
}

/** The part of an address that is kept beside a key's last use: /24 or /48. */
export function addressPrefix(address: string): string | undefined {
  const bare = bareAddress(address);
  const version = isIP(bare);
  if (version === 4) return `${bare.split('.').slice(0, 3).join('.')}.0/${PREFIX_BITS[4]}`;
  if (version !== 6) return undefined;
  const [head = ''] = bare.split('::');
  const groups = head.split(':').filter((group) => group !== '');
  return `${[...groups, '0', '0', '0'].slice(0, 3).join(':')}::/${PREFIX_BITS[6]}`;
}

function bareAddress(address: string): string {
  return address.toLowerCase().startsWith('::ffff:') ? address.slice(7) : address;
}
