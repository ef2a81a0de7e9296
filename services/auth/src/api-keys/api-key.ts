/** An API key as it stands in the database; the key itself was shown once and is not kept. */
export type ApiKey = {
  readonly id: string;
  readonly appId: string;
  /** Null for the app's own key, a gateway's. */
  readonly userId: string | null;
  readonly kind: 'secret' | 'publishable';
  readonly mode: 'live' | 'test';
  /** `session`: minted for a user in a token exchange, not by hand. */
  readonly purpose: 'key' | 'session';
  readonly name: string;
  readonly displayPrefix: string;
  readonly last4: string;
  readonly scopes: readonly string[];
  /** Asset and stream ids; empty: all of the app's for a secret key, none for a publishable one. */
  readonly resources: readonly string[];
  /** Of a publishable key: where its pages are. */
  readonly allowedOrigins: readonly string[];
  /** Addresses and networks; empty: from anywhere. */
  readonly ipAllowlist: readonly string[];
  readonly rateLimit: number | null;
  readonly rateWindowSec: number | null;
  readonly rotatedFrom: string | null;
  /** A rotated key is good until then, and never beyond its own end. */
  readonly graceExpiresAt: Date | null;
  readonly rotationDueAt: Date | null;
  readonly rotationDueReason: string | null;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly revokedAt: Date | null;
  readonly lastUsedAt: Date | null;
};

/** What the holder of an app may set about a key, at its creation and later. */
export type KeySettings = Pick<
  ApiKey,
  'name' | 'scopes' | 'resources' | 'allowedOrigins' | 'ipAllowlist' | 'rateLimit' | 'rateWindowSec'
>;

/** A key with all that decides whether it may be used. */
export type KeyWithOwner = ApiKey & {
  readonly appStatus: 'active' | 'suspended';
  readonly userStatus: 'active' | 'inactive' | null;
  readonly userDeleted: boolean;
  readonly externalUserId: string | null;
};

/** Scopes that an API key may hold. */
export const KEY_SCOPES = ['sign:job', 'usage:read'] as const;

/** A key that nothing is set about but its scopes. */
export const UNRESTRICTED = {
  resources: [],
  allowedOrigins: [],
  ipAllowlist: [],
  rateLimit: null,
  rateWindowSec: null,
  rotatedFrom: null,
} as const;

/** When a key ends by itself, unix milliseconds: a rotated one with its overlap. */
export function endOfKey(key: Pick<ApiKey, 'expiresAt' | 'graceExpiresAt'>): number {
  return Math.min(
    key.expiresAt.getTime(),
    key.graceExpiresAt?.getTime() ?? Number.POSITIVE_INFINITY,
  );
}
