/** Every bound of this package. */
export const TESTING_LIMITS = {
  waitForMs: 20_000,
  waitForIntervalMs: 25,
  redisStartMs: 10_000,
  containerStartMs: 120_000,
  aptGetMs: 300_000,
  /** A run folder without an owner's note that is older than this belongs to nobody. */
  ownerlessFolderMs: 60_000,
  /** Tries of `create database ... template`, which refuses while another session looks at it. */
  cloneAttemptsMax: 10,
  cloneRetryMs: 100,
} as const;
