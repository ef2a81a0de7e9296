import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { canReach, canRun } from './can-reach.ts';
import { copyNative, findNativeFolder, linkLibraries } from './native-files.ts';
import { chooseSystemUser, type SystemUser } from './system-user.ts';

/** Where the server's programs and data really are, and who runs it. */
export type Placement = {
  readonly binFolder: string;
  readonly dataDir: string;
  readonly user: SystemUser | undefined;
};

/** Where root puts what the Postgres user could not reach in the caller's folders. */
export const RELOCATION_ROOT = '/var/lib/clearinghouse-dev';

/**
 * Decides where Postgres lives. As asked, unless this is root and the Postgres user cannot walk
 * there (a home of mode 0700): then programs and data go under `/var/lib/clearinghouse-dev`.
 */
export function placePostgres(options: {
  dataDir: string;
  onNotice: (line: string) => void;
  relocationRoot?: string;
  native?: string;
}): Placement {
  const user = chooseSystemUser();
  const asked = resolve(options.dataDir);
  const native = options.native ?? findNativeFolder();
  const hash = createHash('sha256').update(asked).digest('hex').slice(0, 16);
  const refuge = join(options.relocationRoot ?? RELOCATION_ROOT, hash);
  // Made before it is looked at: with a tight umask what this makes cannot be reached either.
  mkdirSync(dirname(asked), { recursive: true });
  const reachable = user === undefined || canReach(asked, user);
  const dataDir = reachable ? asked : join(refuge, 'postgres');
  if (!reachable) {
    makeRefuge(refuge);
    options.onNotice(`${asked} cannot be reached by ${user?.name}: data is in ${dataDir}`);
  }
  const usable = linkLibraries(native) && canRun(join(native, 'bin', 'postgres'), user);
  if (usable) return { binFolder: join(native, 'bin'), dataDir, user };
  if (user) makeRefuge(refuge);
  const copy = copyNative(native, user ? join(refuge, 'native') : siblingOf(asked));
  options.onNotice(`Postgres programs were copied to ${copy}`);
  if (!canRun(join(copy, 'bin', 'postgres'), user)) {
    throw new Error(`the embedded Postgres does not run on this machine (${copy}/bin/postgres)`);
  }
  return { binFolder: join(copy, 'bin'), dataDir, user };
}

/** Everyone may walk through, whatever the umask: the Postgres user has to. */
function makeRefuge(refuge: string): void {
  mkdirSync(refuge, { recursive: true });
  for (const folder of [dirname(refuge), refuge]) chmodSync(folder, 0o755);
}

function siblingOf(dataDir: string): string {
  return join(dirname(dataDir), 'postgres-native');
}
