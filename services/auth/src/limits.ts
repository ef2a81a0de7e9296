import type { RateBound, RateRule } from './rate-limits/rate-limit.ts';

/** Every bound of the auth service, each with its name. */
export const LIMITS = {
  /** Bodies of forms and JSON that this service reads itself. */
  bodyBytesMax: 16_384,
  /** A backend's request for a token, where it is answered without the issuer's library. */
  machineRequestBytesMax: 1_024,
  /** An authorization request by POST, which goes on as a URL. */
  authorizeBytesMax: 8_192,
  /** Bodies that are forwarded to billing. */
  forwardBodyBytesMax: 65_536,
  /** From sending a forwarded request to billing's first byte. */
  forwardFirstByteMs: 5_000,
  /** A balance that decorates a token answer; a token never waits longer for it. */
  balanceTimeoutMs: 3_000,
  /** Length of any credential that a caller presents. */
  credentialCharsMax: 4_096,
  /** Length of an API key: longer ones are refused before any work. */
  apiKeyCharsMax: 256,
  scopeCharsMax: 512,
  scopesMax: 32,

  /** Lifetimes, in seconds. */
  managementTokenTtlSec: 600,
  userTokenTtlSec: 900,
  refreshTokenTtlSec: 30 * 86_400,
  accessTokenTtlSec: 300,
  deviceCodeTtlSec: 600,
  interactionTtlSec: 600,
  sessionIdleSec: 12 * 3_600,
  sessionMaxSec: 14 * 86_400,
  /** For so long after signing in a person may change how they sign in. */
  freshSignInSec: 900,
  grantTtlSec: 60 * 86_400,
  bootstrapTokenTtlSec: 3_600,
  /** For so long a refresh token's immediate predecessor still gets a fresh one: tabs, retries. */
  refreshGraceSec: 10,
  /** Presenting it more often than this is no browser with many tabs. */
  refreshReplaysMax: 50,
  /** A code that was used is answered by then; seen again after that, it was stolen. */
  codeAnswerMaxSec: 10,
  /** Wrong tries of one code (verifier, redirect URI) after which it is gone. */
  codeTriesMax: 5,
  /** What a device is told to wait between polls (RFC 8628, section 3.2), and what is accepted. */
  deviceIntervalSec: 5,
  deviceIntervalMinMs: 4_000,
  clockToleranceSec: 5,
  /** Key sets of other issuers: how long one is kept, how often an unknown key id is looked for. */
  externalKeysKeptMs: 300_000,
  externalKeysCooldownMs: 30_000,
  externalKeysMax: 64,
  externalKeySetsMax: 1_000,
  /** A token of another issuer that claims to live longer than this is no token for one exchange. */
  externalTokenTtlSecMax: 86_400,
  /** Nesting of `act` claims (RFC 8693, section 4.1). */
  actorDepthMax: 3,

  apiKeyTtlDaysDefault: 90,
  apiKeyTtlDaysMax: 366,
  apiKeysPerAppMax: 1_000,
  /** A key or token that was verified is believed for this long, unless a notice says otherwise. */
  credentialKeptMs: 5_000,
  credentialsKeptMax: 20_000,
  /** What may be set about one key. */
  keyResourcesMax: 100,
  keyOriginsMax: 50,
  keyAddressesMax: 50,
  keyRateLimitMax: 1_000_000,
  keyRateWindowSecMax: 86_400,
  leaksPerReportMax: 50,
  remindEveryMs: 600_000,
  remindersPerRun: 500,
  /** What a go-livepeer signer sends to its webhook, and how long it may rely on the answer. */
  webhookBytesMax: 65_536,
  webhookVerdictSec: 60,
  /** Opaque sessions of one user that stay valid; the oldest beyond it are revoked. */
  sessionsPerUserMax: 20,
  sessionTtlSec: 90 * 86_400,
  /** A used key is written at most once in this time. */
  lastUsedEveryMs: 60_000,
  lastUsedFlushMs: 30_000,
  lastUsedPendingMax: 50_000,
  /** The same refusal of the same key is written to the audit log once in this time. */
  refusalAuditEveryMs: 60_000,
  refusalAuditPendingMax: 10_000,

  /** A client that was read is believed for this long, unless a notice says that it changed. */
  clientKeptMs: 5_000,
  clientsKeptMax: 10_000,

  apiKeysPageMax: 1_000,
  usersPageMax: 1_000,
  appsPageMax: 1_000,
  grantsPageMax: 1_000,
  clientsPerAppMax: 200,
  clientsPageMax: 1_000,
  issuersPageMax: 1_000,
  accountsPageMax: 1_000,
  teamsPageMax: 1_000,
  /** Members, invitations or apps of one team. */
  teamPageMax: 1_000,
  teamNameCharsMax: 100,
  /** Grants that are taken back in one transaction. */
  grantsRevokedAtOnce: 200,
  /** The audit log: how often it is sealed, read and proved, in what portions. */
  /** Apps that are told of the end of a session: how often is looked, how many are told at once. */
  logoutNoticeEveryMs: 1_000,
  logoutNoticesAtOnce: 20,
  /** From the first try to the second; each pause is twice the one before. */
  logoutNoticePauseSec: 15,
  /** Then an app is given up, after a quarter of an hour. */
  logoutNoticeTriesMax: 6,
  auditSealEveryMs: 1_000,
  auditSealBatch: 1_000,
  auditVerifyBatch: 5_000,
  auditUnsealedMaxSec: 60,
  auditPageDefault: 100,
  auditPageMax: 10_000,
  auditKeptDaysMin: 30,
  invitationTtlSec: 7 * 86_400,
  redirectUrisMax: 50,
  urlCharsMax: 2_048,
  defaultMaxAgeSecMax: 30 * 86_400,
  secretOverlapSecMax: 30 * 86_400,
  secretOverlapSecDefault: 86_400,

  /** Fetching what a client registered: its keys, its logout endpoint. */
  outboundTimeoutMs: 2_500,
  outboundBodyBytesMax: 65_536,

  metadataMaxAgeSec: 300,
  metadataStaleSec: 60,
  /**
   * A key is published for so long before it signs: as long as a key set may be cached, and as
   * long again for caches that take their time.
   */
  nextKeyPublishedSec: 720,
  /**
   * A retired key stays published until every token it signed is of no use: an ID token may come
   * back as a hint for as long as the session that it names.
   */
  retiredKeySec: 15 * 86_400,
  keysScheduleMs: 3_600_000,
  resealBatch: 500,
  /** Signing keys are read again this often even without a notice. */
  keysReloadMs: 60_000,
  purgeEveryMs: 600_000,
  purgeBatch: 1_000,
  databaseConnectionsMax: 10,
  /** Artifacts of the issuer that are read in one statement, and such statements at once. */
  artifactReadMax: 64,
  artifactReadsMax: 4,
  /** Refresh tokens that are rotated in one statement, and such statements at once. */
  refreshBatchMax: 32,
  refreshBatchesInFlight: 2,
  readyTimeoutMs: 2_000,
} as const;

const MINUTE_SEC = 60;
const HOUR_SEC = 60 * MINUTE_SEC;

/** The bound of every rule. `RATE_LIMIT_FACTOR` multiplies the points of all of them. */
export const RATE_BOUNDS: Readonly<Record<RateRule, RateBound>> = {
  sign_in_ip: { points: 60, windowSec: 15 * MINUTE_SEC },
  // From one address, and from anywhere: one stranger must not lock somebody else out.
  sign_in_account_ip: { points: 10, windowSec: 15 * MINUTE_SEC },
  sign_in_account: { points: 100, windowSec: 15 * MINUTE_SEC },
  sign_up_ip: { points: 10, windowSec: HOUR_SEC },
  mail_account: { points: 5, windowSec: HOUR_SEC },
  // Each address that is invited counts as one that gets mail, whoever invites.
  invite_account: { points: 50, windowSec: HOUR_SEC },
  // Thirty failed authentications a minute, or 1,200 good requests of public clients.
  token_ip: { points: 1_200, windowSec: MINUTE_SEC },
  token_client: { points: 6_000, windowSec: MINUTE_SEC },
  // The tenth wrong code closes the door.
  user_code_ip: { points: 9, windowSec: 10 * MINUTE_SEC },
  introspection_client: { points: 6_000, windowSec: MINUTE_SEC },
  api_key: { points: 6_000, windowSec: MINUTE_SEC },
  publishable_key_ip: { points: 120, windowSec: MINUTE_SEC },
  anonymous_ip: { points: 300, windowSec: MINUTE_SEC },
  leak_report_ip: { points: 20, windowSec: MINUTE_SEC },
};

/** What one request at the token endpoint counts, by what became of it. */
export const TOKEN_POINTS = {
  /** A client that did not prove itself: thirty a minute and address. */
  failedClient: 40,
  /** A code, token or key that is not good. */
  refused: 4,
  /** Anybody may ask as a public client. */
  publicSuccess: 1,
} as const;
