/** What is counted: each rule has its own bound and its own time window, see `RATE_BOUNDS`. */
export type RateRule =
  | 'sign_in_ip'
  | 'sign_in_account'
  | 'sign_in_account_ip'
  | 'sign_up_ip'
  | 'mail_account'
  | 'invite_account'
  | 'token_ip'
  | 'token_client'
  | 'user_code_ip'
  | 'introspection_client'
  | 'api_key'
  | 'publishable_key_ip'
  | 'anonymous_ip'
  | 'leak_report_ip';

/** How much a rule allows: so many points in so many seconds, counted from the first. */
export type RateBound = { readonly points: number; readonly windowSec: number };

/** What is left of a rule, for the `RateLimit-*` headers; absent from doubles in tests. */
export type RateState = {
  readonly limit?: number;
  readonly remaining?: number;
  readonly resetSec?: number;
};

/** Whether one more is within the rule; when not, after how many seconds it is worth a try. */
export type RateOutcome =
  | (RateState & { readonly ok: true })
  | (RateState & { readonly ok: false; readonly retryAfterSec: number });

/**
 * Counts one use of `key` (an address, an account, a client; never a secret) under a rule, over
 * all replicas. Where the shared counter cannot be reached, each replica counts by itself.
 *
 * @param points what this use counts; 1 unless told. A failed guess counts more than a success.
 */
export type ConsumeRate = (rule: RateRule, key: string, points?: number) => Promise<RateOutcome>;

/**
 * Is `key` known here to be beyond the rule? Costs no input or output and counts nothing, so that
 * requests which are fine pay for nothing.
 */
export type PeekRate = (rule: RateRule, key: string) => RateOutcome;

/**
 * Counts one use under a bound that belongs to the key itself, such as the limit that an app set
 * for one of its API keys.
 */
export type ConsumeBound = (bound: RateBound, key: string) => Promise<RateOutcome>;

/** The counters of this process: what is shared, what is known, how to close it. */
export type RateLimits = {
  readonly consume: ConsumeRate;
  readonly consumeBound: ConsumeBound;
  readonly peek: PeekRate;
  /** False while Redis is away and this process counts by itself. */
  readonly isShared: () => boolean;
  readonly stop: () => Promise<void>;
};
