import { AsyncLocalStorage } from 'node:async_hooks';
import type { Rotation } from './refresh-family-store.ts';

/** The grants of oidc-provider whose codes and tokens are used up by us, in one transaction. */
export type OneTimeGrant = 'authorization_code' | 'device_code' | 'refresh_token';

/** What the storage must know of the request that it serves; lives as long as the request. */
export type RequestScope = {
  /** The grant that is being redeemed, and by which client. */
  grant?: { readonly type: OneTimeGrant; readonly clientId: string };
  /** The refresh token that its successors use up, when the answer is ready. */
  parentToken?: string;
  /** The grant of what is redeemed, read together with it. */
  readGrant?: { readonly id: string; readonly payload: Readonly<Record<string, unknown>> };
  /** What takes its place; written when the grant is through. */
  rotation?: Rotation;
  /** A user code was asked for that does not exist. */
  missedUserCode?: boolean;
};

const scopes = new AsyncLocalStorage<RequestScope>();

/** Runs work as one request. */
export function inRequestScope<T>(scope: RequestScope, work: () => Promise<T>): Promise<T> {
  return scopes.run(scope, work);
}

/** The request being served; undefined outside of one. */
export function requestScope(): RequestScope | undefined {
  return scopes.getStore();
}
