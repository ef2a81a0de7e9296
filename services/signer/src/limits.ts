/** Every bound of the signer, each with its name. */
export const SIGNER_LIMITS = {
  /** Body of any request. */
  bodyBytesMax: 256 * 1024,
  /** The protobuf OrchestratorInfo and Capabilities inside it. */
  orchestratorInfoBytesMax: 64 * 1024,
  /** Decoded ones remembered, at least, and the largest that is; most have some 500 bytes. */
  orchestratorInfosMax: 1024,
  orchestratorInfoKnownBytesMax: 4 * 1024,
  capabilitiesBytesMax: 64 * 1024,
  /** The session state inside it. */
  stateBytesMax: 8 * 1024,
  /** Nesting of the request's JSON; a proper request has 2. */
  jsonDepthMax: 32,
  idCharsMax: 128,
  manifestIdCharsMax: 64,
  appCharsMax: 128,
  urlCharsMax: 1024,
  modelCharsMax: 256,
  /** 64-bit words of a capability bit set: capabilities 0 to 1023. */
  capabilityWordsMax: 16,
  capabilityEntriesMax: 1024,
  /** A fraction as text, and the largest power of ten or two in it. */
  rationalCharsMax: 512,
  rationalExponentMax: 1000,
  ticketsMax: 100,
  /** An orchestrator keeps no more nonces of one recipientRandHash. */
  nonceMax: 600,
  /** A session state JSON is never as short as a hash. */
  stateBytesMin: 128,
} as const;

/** What go-livepeer's signer and orchestrator agree on. */
export const PROTOCOL = {
  /** 1280 x 720 pixels at 30 frames a second, what one second of lv2v costs. */
  lv2vPixelsPerSec: 27_648_000,
  /** Seconds billed by a session's first call. */
  lv2vPreloadSec: 60n,
  livePreloadSec: 10n,
  /** An auth token this near to its end asks for a new session: 10 % of 30 minutes. */
  authTokenMarginSec: 180n,
  /** Tickets expiring within this many L1 blocks count as expired. */
  expirationMarginBlocks: 1n,
  maxWinProb: (1n << 256n) - 1n,
} as const;

/** Bounds of the running service; times in milliseconds unless the name says otherwise. */
export const RUNTIME_LIMITS = {
  /** `Authorization` of any request. */
  credentialCharsMax: 8_192,
  /** Cached identities: never older than this, never past the token's own end. */
  identityCacheMs: 5_000,
  identitiesMax: 10_000,
  /** A token of another clock's future. */
  clockSkewMaxSec: 30,
  jwksTimeoutMs: 3_000,
  jwksBytesMax: 256 * 1024,
  jwksKeysMax: 32,
  /** Keys are read again this often, and for an unknown one at most this often. */
  jwksRefreshMs: 300_000,
  jwksCooldownMs: 5_000,
  credentialTimeoutMs: 3_000,
  credentialBatchesMax: 4,
  /** An ask for money, and how long it may wait for a place in a message: in all less than 5 s. */
  holdTimeoutMs: 3_000,
  holdWaitMs: 1_500,
  holdBatchesMax: 2,
  /** A second message goes beside one that has been away this long; else they go in turn. */
  holdBatchWaitMs: 25,
  /** Nothing is signed, and no signature leaves, later than this after the ask. */
  signDeadlineMs: 10_000,
  /** Own signatures remembered, of each kind. */
  rememberedMax: 20_000,
  /** Grants remembered as used, at least; above what one process is granted in that time. */
  spentGrantsMax: 100_000,
  journalSegmentBytesMax: 16 * 1024 * 1024,
  journalRecordBytesMax: 64 * 1024,
  /** Records that wait for the disk; above it payments are refused. */
  journalWaitingMax: 8_192,
  heartbeatMs: 1_000,
  watermarkMs: 1_000,
  adoptEveryMs: 2_000,
  settleAfterMs: 250,
  settleBatchesMax: 1,
  settleTimeoutMs: 10_000,
  /** Settlements and releases kept in memory; what is beyond is read again from the journal. */
  pendingMax: 20_000,
  retryFirstMs: 100,
  retryLastMs: 5_000,
  /** How long a stopping process waits for its last acknowledgements. */
  drainMs: 4_000,
  /** How often the operator's switch is looked at: it must hold within a second. */
  killSwitchLookMs: 250,
  /** The operator's webhook: go-livepeer's own bound on time, and ours on size. */
  webhookTimeoutMs: 5_000,
  webhookBytesMax: 64 * 1024,
  webhookPermissionsMax: 10_000,
  rpcTimeoutMs: 5_000,
  rpcBytesMax: 1024 * 1024,
  /** Contract addresses are looked up again this often. */
  contractsMaxAgeMs: 600_000,
} as const;

/** Bounds of custody in another process. */
export const CUSTODY_LIMITS = {
  /** Calls under way at once; the others wait in the order of their coming. */
  connectionsMax: 64,
  /** A signature, or a list of keys. */
  answerBytesMax: 1024 * 1024,
  /** Attempts after the first. */
  retriesMax: 1,
} as const;

/** Bounds of the operator's policy. */
export const POLICY_LIMITS = {
  /** Recipients remembered, and reads of them under way at once. */
  recipientsMax: 10_000,
  recipientReadsMax: 32,
  /** Older facts are read again, and are believed meanwhile. */
  recipientFreshMs: 600_000,
  /** How long it is believed that somebody is not registered. */
  recipientAbsentMs: 30_000,
  /** An hour's spending is counted in this many slots, and the one under way. */
  slots: 12,
  slotMs: 300_000,
  /** Recipients whose spending is counted; the one paid longest ago goes first. */
  spendersMax: 100_000,
} as const;

/** Bounds of the way to the chain, of its watcher and of the operator's transactions. */
export const CHAIN_LIMITS = {
  /** After a failure the first node is left alone for this long. */
  firstNodeAgainMs: 60_000,
  /** Nodes are compared this often, and one whose newest block is this much older is left. */
  compareHeadsMs: 15_000,
  behindMaxSec: 60,
  /** A block this far ahead of our clock is not believed. */
  aheadMaxSec: 60,
  /** Ranges that a node answers before a refused one is tried again. */
  refusedRangeAgain: 20,
  /** Times in a row that events may be missing before billing is told all the same. */
  differencesMax: 5,
  /** How long a stopping process waits for a step under way; it is made again elsewhere. */
  watchStopMs: 500,
  /** A step along the chain: billing posts a whole batch of events in it. */
  watchAskTimeoutMs: 10_000,
  /** Steps of one look; the next look goes on from there. */
  watchStepsMax: 500,
  /** How often an operator's transaction is looked for. */
  receiptLookMs: 1_000,
  /** Looks in a row that must find its nonce used and no receipt, before it counts as displaced. */
  displacedLooks: 5,
  /** Signed again with higher fees at most this often. */
  attemptsMax: 20,
  /** More than any call of the TicketBroker takes, with what Arbitrum adds for the chain below. */
  transactionGasMax: 5_000_000n,
} as const;

/** Bounds of what is known of the price of ether. */
export const RATE_LIMITS = {
  /** Billing observes it every 20 s. */
  askEveryMs: 10_000,
} as const;

/** Bounds of discovery: what is asked are other people's machines. */
export const DISCOVERY_LIMITS = {
  nodesMax: 500,
  /** Nodes asked at once. */
  asksMax: 16,
  orchestratorTimeoutMs: 5_000,
  offerBytesMax: 1024 * 1024,
  runnersTimeoutMs: 2_000,
  runnersBytesMax: 1024 * 1024,
  runnersMax: 1_000,
  runnerCharsMax: 16 * 1024,
  urlCharsMax: 1024,
  textCharsMax: 256,
  webhookTimeoutMs: 10_000,
  webhookBytesMax: 4 * 1024 * 1024,
  /** A caller waits this long for the first look; a gateway gives up after 3 s. */
  firstLookMs: 2_500,
  /** While nothing is known it is looked again at a request, this often at most. */
  lookAgainMs: 1_000,
  /** `caps` of one request. */
  capsMax: 100,
} as const;
