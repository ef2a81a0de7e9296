import { accessSync, constants } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';

const PLATFORM_NAMES: Readonly<Record<string, string>> = {
  'linux-x64': 'linux-amd64',
  'linux-arm64': 'linux-arm64',
  'darwin-x64': 'darwin-amd64',
  'darwin-arm64': 'darwin-arm64',
};

/** The anvil program: the one that npm installed for this machine, else the one on PATH. */
export function findAnvil(): string | undefined {
  return findInstalled() ?? findOnPath();
}

function findInstalled(): string | undefined {
  const platform = PLATFORM_NAMES[`${process.platform}-${process.arch}`];
  if (platform === undefined) return undefined;
  try {
    const require = createRequire(import.meta.url);
    const root = dirname(require.resolve(`@foundry-rs/anvil-${platform}/package.json`));
    return executable(join(root, 'bin', 'anvil'));
  } catch {
    return undefined;
  }
}

function findOnPath(): string | undefined {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = folder === '' ? undefined : executable(join(folder, 'anvil'));
    if (path !== undefined) return path;
  }
  return undefined;
}

function executable(path: string): string | undefined {
  try {
    accessSync(path, constants.X_OK);
    return path;
  } catch {
    return undefined;
  }
}
