/** go-livepeer's constants, and the bounds of this package. */
export const LIMITS = {
  /** An orchestrator's ticket params are good for so many L1 blocks. */
  paramsValidBlocks: 40n,
  /** An auth token's lifetime: authTokenValidPeriod in go-livepeer. */
  authTokenTtlSec: 30 * 60,
  /** Distinct nonces an orchestrator remembers for one recipientRand. */
  noncesPerRandMax: 600,
  /** Refreshes in a row before a gateway gives up: go counts one more than python. */
  goRefreshesMax: 4,
  pythonRefreshesMax: 3,
  /** How long go-livepeer waits for the signer and for the orchestrator. */
  goRequestTimeoutMs: 60_000,
  /** How long the python client waits. */
  pythonRequestTimeoutMs: 5_000,
  /** Bytes read from an answer before the double gives up. */
  answerBytesMax: 1024 * 1024,
  /** Bytes read from a request to the orchestrator's small server. */
  requestBytesMax: 64 * 1024,
} as const;
