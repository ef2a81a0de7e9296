import { formatUnits, parseUnits } from 'ethers';

const AMOUNT = /^(\d{1,30}(?:\.\d{1,18})?)(eth|gwei|wei)$/;
const DECIMALS = { eth: 18, gwei: 9, wei: 0 } as const;

/**
 * An amount with its unit, `0.5eth`, `20gwei` or `7wei`, in wei. A bare number is none: guessing
 * its unit would be wrong by eighteen digits.
 */
export function parseAmount(text: string | undefined): bigint | undefined {
  const [, digits, unit] = AMOUNT.exec(text ?? '') ?? [];
  if (digits === undefined || unit === undefined) return undefined;
  const decimals = DECIMALS[unit as keyof typeof DECIMALS];
  if ((digits.split('.')[1]?.length ?? 0) > decimals) return undefined;
  const wei = parseUnits(digits, decimals);
  return wei > 0n && wei < 2n ** 128n ? wei : undefined;
}

/** Wei as ether, for people. */
export function formatEther(wei: bigint): string {
  return `${formatUnits(wei, 18)} ETH`;
}

/** Wei as gwei, for people. */
export function formatGwei(wei: bigint): string {
  return `${formatUnits(wei, 9)} gwei`;
}
