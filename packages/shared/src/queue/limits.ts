/** Bounds of the queue layer, each with its name. Times in milliseconds unless named. */
export const QUEUE_LIMITS = {
  /** How long an ask waits for its answer unless told otherwise. */
  askTimeoutMs: 3_000,
  askTimeoutMaxMs: 60_000,
  /** Asks of one process that wait for an answer; above it an ask is refused `unavailable`. */
  pendingAsksMax: 4_096,
  /** Jobs handed to the backend and not yet taken by it; a hung backend fills this and no more. */
  jobsInFlightMax: 4_096,
  /** Envelopes that share a job when several are sent at the same time. */
  envelopesPerJobMax: 64,
  /** An envelope longer than this has a job of its own. */
  sharedEnvelopeCharsMax: 32_000,
  /** Jobs with shared envelopes that one producer has under way; others collect meanwhile. */
  sharedJobsInFlightMax: 2,
  /** Characters of one envelope: 500 holds of about 1.5 kB with room to spare. */
  envelopeCharsMax: 2_000_000,
  /** A told message older than this is dropped. */
  tellMaxAgeMs: 24 * 3_600_000,
  /** How far ahead of this clock another service's may be. */
  clockSkewMaxMs: 30_000,
  /** Nonces of served asks that an answerer remembers, so that none is served twice. */
  servedNoncesMax: 65_536,
  /** Entries of a queue's event stream; nobody reads it, and it cannot be switched off. */
  eventsMax: 100,
  /** Requests that an answerer handles at once, and jobs it holds at once. */
  answerConcurrency: 64,
  answerJobs: 16,
  replyJobs: 16,
  listenConcurrency: 4,
  /** A failed told message is kept this long for an operator to look at. */
  failedAgeSec: 7 * 86_400,
  failedCountMax: 10_000,
  tellBackoffMs: 500,
  tellStalledMax: 20,
  closeTimeoutMs: 5_000,
  /** A Redis that owes an answer and stays silent this long is taken for dead. */
  redisSilenceMaxMs: 15_000,
  /** A worker that could not start (no backend yet, no tables yet) is started anew after this. */
  workerRestartMs: 1_000,
  /** A process says this often that it still reads its reply queue. */
  replyQueueTouchMs: 60_000,
  /** A reply queue unread for this long belongs to a dead process and is removed. */
  replyQueueStaleMs: 600_000,
  /** Reply queues that an answerer keeps open at once; the longest unused is closed. */
  replyProducersMax: 64,
  /** Connections of the Postgres pool: one a worker to listen on, the rest for queries. */
  postgresPoolMax: 14,
  /** At most one log line of each kind of fault in this time. */
  faultLogMs: 5_000,
  /** Kinds of fault that are told apart. */
  quietReasonsMax: 100,
} as const;
