/** Every bound of this package. */
export const EMBEDDED_LIMITS = {
  /** From spawn to "ready to accept connections"; recovery after a crash is part of it. */
  postgresStartMs: 60_000,
  /** Fast shutdown writes a checkpoint; beyond this the server is told to quit at once. */
  postgresStopMs: 30_000,
  /** How long orphans of a killed server may keep its shared memory. */
  sharedMemoryWaitMs: 10_000,
  initdbMs: 120_000,
  connectionsMax: 300,
  pollMs: 20,
  /** Between the polite signal and SIGKILL, for any process. */
  stopGraceMs: 10_000,
  /** How much of a log is read back to explain a failed start. */
  logTailBytes: 4_096,
  /** A line longer than this is cut when it is copied with a prefix. */
  logLineMax: 65_536,
} as const;
