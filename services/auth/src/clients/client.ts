/** Scopes that a machine client of an app may hold. */
export const MACHINE_SCOPES = [
  'sign:job',
  'sign:mint_user_token',
  'users:read',
  'users:write',
  'users:token',
  'usage:read',
  'keys:write',
  'clients:write',
  'audit:read',
] as const;

/** The operator's own scope; no app's client may hold it. */
export const ADMIN_SCOPE = 'admin';

/** Scopes of a management token (audience `{origin}/api/v1`); the rest lead to signer tokens. */
export const MANAGEMENT_SCOPES: ReadonlySet<string> = new Set([
  ADMIN_SCOPE,
  'users:read',
  'users:write',
  'users:token',
  'usage:read',
  'keys:write',
  'clients:write',
  'audit:read',
]);

export const MINT_USER_SCOPE = 'sign:mint_user_token';

/** The kinds of an app's clients: without a secret, an app's backend, people on a server. */
export const APP_CLIENT_KINDS = ['public', 'machine', 'web'] as const;
export type AppClientKind = (typeof APP_CLIENT_KINDS)[number];

/** A client as it stands in the database, with its app's status. */
export type Client = {
  readonly id: string;
  /** Null for the operator's admin clients. */
  readonly appId: string | null;
  readonly kind: AppClientKind | 'admin';
  readonly name: string;
  readonly scopes: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly status: 'active' | 'suspended' | 'revoked';
  readonly appStatus: 'active' | 'suspended' | null;
  /** Of an app of the operator's own: nobody is asked for consent. */
  readonly isFirstParty: boolean;
  readonly secrets: readonly ClientSecret[];
};

/** SHA-256 of a secret and, when it is being rotated out, its end. */
export type ClientSecret = { readonly sha256: Buffer; readonly expiresAt: Date | null };

/** May this client and its app be used at all? */
export function isUsable(client: Client): boolean {
  return client.status === 'active' && client.appStatus !== 'suspended';
}
