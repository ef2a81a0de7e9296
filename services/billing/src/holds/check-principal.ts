import type { Principal, PrincipalKind } from '@clearinghouse/shared';
import type { PrincipalLine } from './hold-book.ts';

/** Names one identity in the table of statuses. */
export type PrincipalRef = { readonly kind: PrincipalKind; readonly id: string };

/** Must have an active row of the same app. */
export const MUST_BE_ACTIVE: ReadonlySet<PrincipalKind> = new Set(['app', 'user', 'client', 'key']);

/** The identities behind a payment: whose status decides. */
export function principalRefs(principal: Principal): PrincipalRef[] {
  const { appId, subject, clientId, keyId, grantId, jti } = principal;
  const refs: PrincipalRef[] = [{ kind: 'app', id: appId }];
  if (subject !== 'app') refs.push({ kind: 'user', id: subject });
  if (clientId !== undefined) refs.push({ kind: 'client', id: clientId });
  if (keyId !== undefined) refs.push({ kind: 'key', id: keyId });
  if (grantId !== undefined) refs.push({ kind: 'grant', id: grantId });
  if (jti !== undefined) refs.push({ kind: 'jti', id: jti });
  return refs;
}

/**
 * May this principal spend? An app, user, client or key must be known, active and of this app;
 * a grant or token id is refused only when a row says that it was revoked.
 */
export function isActive(principal: Principal, lines: ReadonlyMap<string, PrincipalLine>): boolean {
  return principalRefs(principal).every((ref) => {
    const line = lines.get(principalKey(ref));
    if (!line) return !MUST_BE_ACTIVE.has(ref.kind);
    return line.status === 'active' && line.appId === principal.appId;
  });
}

/** The key of an identity in a map. */
export function principalKey(ref: PrincipalRef): string {
  return `${ref.kind} ${ref.id}`;
}
