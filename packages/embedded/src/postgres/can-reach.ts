import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { SystemUser } from './system-user.ts';

/**
 * May the user walk down to the folder that would hold `path`? Looks at every parent that exists;
 * one that does not will be made by the caller.
 */
export function canReach(path: string, user: SystemUser): boolean {
  const parent = dirname(resolve(path));
  if (existsSync(parent) && !mayEnter(parent, user)) return false;
  return parent === dirname(parent) || canReach(parent, user);
}

/** Can the user run this program? Tried, since modes, mount options and libraries all matter. */
export function canRun(program: string, user: SystemUser | undefined): boolean {
  const result = spawnSync(program, ['--version'], {
    cwd: '/',
    stdio: 'ignore',
    ...(user ? { uid: user.uid, gid: user.gid } : {}),
  });
  return result.status === 0;
}

function mayEnter(folder: string, user: SystemUser): boolean {
  const { mode, uid, gid } = statSync(folder);
  if (uid === user.uid) return (mode & 0o100) !== 0;
  if (gid === user.gid) return (mode & 0o010) !== 0;
  return (mode & 0o001) !== 0;
}
