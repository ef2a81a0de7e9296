const WEI_PER_GWEI = 1_000_000_000n;

/**
 * An amount as metrics show it: gwei as a number, nine places kept, then rounded as every sample
 * of Prometheus is. For plots and alerts only, never for money.
 */
export function weiToGwei(wei: bigint): number {
  return Number(wei / WEI_PER_GWEI) + Number(wei % WEI_PER_GWEI) / Number(WEI_PER_GWEI);
}
