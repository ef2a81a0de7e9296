/** What somebody has allowed a client of an app; every token of a sign-in stands under one. */
export type AppGrant = {
  readonly id: string;
  readonly clientId: string;
  /** Null while the app does not know the person as a user yet. */
  readonly userId: string | null;
  readonly externalUserId: string | null;
  readonly scopes: readonly string[];
  /** The resources beyond the issuer itself (RFC 8707). */
  readonly resources: readonly string[];
  readonly grantedAt: Date;
  readonly expiresAt: Date;
};

/** Which grants of an app: those of a user, of a client, or all. */
export type GrantFilter = {
  readonly appId: string;
  readonly externalUserId?: string | undefined;
  readonly clientId?: string | undefined;
};

/** What oidc-provider keeps of a grant, as far as it is shown. */
export type GrantPayload = {
  readonly clientId?: string;
  readonly iat?: number;
  readonly openid?: { readonly scope?: string };
  readonly resources?: Readonly<Record<string, string>>;
};

/** Every scope of a grant, each once. */
export function scopesOfGrant(payload: GrantPayload): string[] {
  const texts = [payload.openid?.scope ?? '', ...Object.values(payload.resources ?? {})];
  return [...new Set(texts.flatMap((text) => text.split(' ')).filter((scope) => scope !== ''))];
}
