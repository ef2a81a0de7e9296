/** What is counted: each rule has its own bound and its own time window. */
export type RateRule =
  | 'sign_in_ip'
  | 'sign_in_account'
  | 'sign_up_ip'
  | 'mail_account'
  | 'token_ip'
  | 'token_client'
  | 'authorization_code'
  | 'user_code_ip'
  | 'api_key'
  | 'publishable_key_ip'
  | 'anonymous_ip'
  | 'leak_report_ip';

/** Whether one more is within the rule; when not, after how many seconds it is worth a try. */
export type RateOutcome =
  | { readonly ok: true }
  | { readonly ok: false; readonly retryAfterSec: number };

/**
 * Counts one use of `key` (an address, an account, a client; never a secret) under a rule, over
 * all replicas. Where the shared counter cannot be reached, each replica counts by itself.
 */
export type ConsumeRate = (rule: RateRule, key: string) => Promise<RateOutcome>;
