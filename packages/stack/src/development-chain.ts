const WEI_PER_ETH = 10n ** 18n;

/** What the signer's account has on a development chain. */
export const DEVELOPMENT_FUNDS = { depositWei: 10n * WEI_PER_ETH, reserveWei: 10n * WEI_PER_ETH };

/**
 * The second account of the well-known development phrase "test test ... junk", funded by anvil:
 * the orchestrator of the demo. It is good for nothing on any other chain.
 */
export const DEVELOPMENT_ORCHESTRATOR_KEY =
  '0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d';
