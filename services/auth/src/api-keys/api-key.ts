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
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly revokedAt: Date | null;
  readonly lastUsedAt: Date | null;
};

/** A key with all that decides whether it may be used. */
export type KeyWithOwner = ApiKey & {
  readonly appStatus: 'active' | 'suspended';
  readonly userStatus: 'active' | 'inactive' | null;
  readonly userDeleted: boolean;
  readonly externalUserId: string | null;
};

/** Scopes that an API key may hold. */
export const KEY_SCOPES = ['sign:job', 'usage:read'] as const;
