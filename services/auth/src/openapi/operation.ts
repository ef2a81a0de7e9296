import type { AnyGuard, ErrorCode } from '@clearinghouse/shared';
import type { z } from 'zod';

/** Who may use a route; `app` is the app's clients with the scope, its team by role, the operator. */
export type Access =
  | { readonly who: 'app'; readonly scope?: string }
  | { readonly who: 'admin' | 'person' | 'user' | 'open' };

/** Under which heading the reference shows a route. */
export const TAGS = {
  Apps: 'Tenants of this installation. What the operator does, and what an app may see of itself.',
  Clients: 'How an app proves itself: `app_` is public, `m2m_` its backend, `web_` has a secret.',
  Users: 'The users of an app, under the app’s own ids.',
  Keys: 'API keys: credentials of gateways, servers and pages.',
  Tokens: 'Short-lived tokens for the signer, besides the issuer’s own token endpoint.',
  Usage: 'What was used and what is left.',
  Money: 'Credit, caps and the ledger of an app.',
  Teams:
    'People and what they may do. `own-team …`: your own, with a token of scope `manage`; `team …`: any, for the operator.',
  People: 'Accounts of this installation. For the operator.',
  Audit: 'Who did what, in a log that proves itself.',
  Installation: 'Signing keys, the chain in the books.',
  Checks: 'For proxies, scanners and go-livepeer’s own signer.',
} as const;
export type Tag = keyof typeof TAGS;

/** An answer's body: a schema, or the type of a body that is no JSON. */
export type AnswerBody = z.ZodType | { readonly type: string };

/** What a route is, without its handler: enough for the reference. */
export type Operation = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS';
  /** As the router reads it: `/api/v1/apps/:appId`. */
  readonly path: string;
  /** Noun and verb, each operation's own: `user list`. */
  readonly name: string;
  readonly tag: Tag;
  readonly summary: string;
  readonly about?: string;
  readonly access: Access;
  readonly answers: Readonly<Record<number, AnswerBody>>;
  /** The type in which the same is answered too, when the request says so. */
  readonly alsoAs?: 'text/csv';
  /** Codes besides those that follow from access and input. */
  readonly codes?: readonly ErrorCode[];
  /** Whether an Idempotency-Key is read, or needed. */
  readonly once?: 'optional' | 'required';
  /** A form instead of JSON. */
  readonly form?: z.ZodType;
};

/** An operation with what its handler parses. */
export type Described = Operation & { readonly input: AnyGuard };
