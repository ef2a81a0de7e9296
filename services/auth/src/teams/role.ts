import type { MACHINE_SCOPES } from '../clients/client.ts';

/** What a member of a team may be. */
export const ROLES = ['owner', 'admin', 'developer', 'billing', 'viewer'] as const;
export type Role = (typeof ROLES)[number];

/** What members do with the team itself. */
export type TeamPermission = 'read' | 'members' | 'apps' | 'owners';

const TEAM: Readonly<Record<TeamPermission, readonly Role[]>> = {
  read: ROLES,
  members: ['owner', 'admin'],
  apps: ['owner', 'admin'],
  /** Who may make somebody an owner, or take it away. */
  owners: ['owner'],
};

const READS = ['users:read', 'usage:read'] as const;
const BUILDS = [...READS, 'users:write', 'users:token', 'keys:write', 'clients:write'] as const;

/** The scopes of an app's API that a role has on the apps of its team. */
const SCOPES: Readonly<Record<Role, readonly (typeof MACHINE_SCOPES)[number][]>> = {
  owner: [...BUILDS, 'audit:read'],
  admin: [...BUILDS, 'audit:read'],
  developer: BUILDS,
  billing: ['usage:read'],
  viewer: READS,
};

/** May this role do that with its team? */
export function may(role: Role, permission: TeamPermission): boolean {
  return TEAM[permission].includes(role);
}

/** What this role may do with an app of its team. */
export function scopesOfRole(role: Role): readonly string[] {
  return SCOPES[role];
}
