import { z } from 'zod';

/** A user of an app, as the app's backend named it. */
export type User = {
  readonly id: string;
  readonly appId: string;
  readonly externalUserId: string;
  readonly email: string | null;
  readonly status: 'active' | 'inactive';
  readonly role: string;
  readonly createdAt: Date;
};

/** A user, and whether the app stands too. */
export type UserOfApp = User & { readonly isAppActive: boolean };

/** The app's own id of a user: a machine id, never an e-mail address. */
export const externalUserIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/, '1-128 of A-Z a-z 0-9 . _ : -')
  .refine((id) => !/^(owner|user):/.test(id), 'must not start with owner: or user:');

/** What a hold is told of a user: an inactive user is suspended, a deleted one revoked. */
export function principalStatusOf(status: User['status']): 'active' | 'suspended' {
  return status === 'active' ? 'active' : 'suspended';
}

/** Is this the id of an app's user, and not of a person with an account of this installation? */
export function isUserId(id: string): boolean {
  return id.startsWith('usr_');
}
