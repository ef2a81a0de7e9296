/**
 * Bytecode of a wallet (EIP-1271) with one owner: `isValidSignature(hash, signature)` answers the
 * magic value when `ecrecover` gives the owner's address, else zero. Written by hand, since
 * nothing here compiles Solidity.
 */
export function contractWalletCode(ownerAddress: string): string {
  const owner = ownerAddress.slice(2).toLowerCase();
  // Calldata: selector, hash at 0x04, offset, length, r at 0x64, s at 0x84, v at 0xa4.
  const recover = [
    '6004356000',
    '52', // mstore(0x00, hash)
    '60a43560f81c6020',
    '52', // mstore(0x20, v)
    '6064356040',
    '52', // mstore(0x40, r)
    '6084356060',
    '52', // mstore(0x60, s)
    '60206080608060006001',
    '5afa50', // staticcall(gas, ecrecover, 0x00, 0x80, 0x80, 0x20)
    `73${owner}608051`,
    '14', // eq(mload(0x80), owner)
  ].join('');
  const refuse = '6000600052' + '60206000f3';
  const accept = '5b' + '631626ba7e60e01b600052' + '60206000f3';
  const jumpBytes = 3;
  const target = (recover.length + refuse.length) / 2 + jumpBytes;
  const jump = `60${target.toString(16).padStart(2, '0')}57`;
  return `0x${recover}${jump}${refuse}${accept}`;
}
