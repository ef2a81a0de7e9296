import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A user of this machine by number. */
export type SystemUser = { readonly uid: number; readonly gid: number; readonly name: string };

const OWN_USER = 'clearinghouse-dev';
const CANDIDATES = ['postgres', OWN_USER];

/**
 * Postgres refuses to run as root. Returns the user it shall run as: undefined when this process
 * is an ordinary user; for root `postgres` if there is one, else one made here, else `nobody`.
 *
 * @throws Error when root finds no unprivileged user at all.
 */
export function chooseSystemUser(): SystemUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of CANDIDATES) {
    const user = findUser(name);
    if (user) return user;
  }
  const user = makeUser() ?? findUser('nobody');
  if (!user) throw new Error('Postgres cannot run as root and no other user exists: add one');
  return user;
}

function findUser(name: string): SystemUser | undefined {
  for (const line of readFileSync('/etc/passwd', 'utf8').split('\n')) {
    const [login, , uid, gid] = line.split(':');
    if (login === name && Number(uid) > 0) return { name, uid: Number(uid), gid: Number(gid) };
  }
  return undefined;
}

function makeUser(): SystemUser | undefined {
  const args = ['--system', '--user-group', '--no-create-home', '--shell', '/bin/false', OWN_USER];
  try {
    execFileSync('useradd', args, { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  return findUser(OWN_USER);
}
