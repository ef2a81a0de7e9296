/** Every bound of the signer, each with its name. */
export const SIGNER_LIMITS = {
  /** Body of any request. */
  bodyBytesMax: 256 * 1024,
  /** The protobuf OrchestratorInfo and Capabilities inside it. */
  orchestratorInfoBytesMax: 64 * 1024,
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
