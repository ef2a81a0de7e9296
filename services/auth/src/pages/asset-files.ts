import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';

/** A static file, under a name that changes with its content. */
export type AssetFile = { readonly bytes: Buffer; readonly type: string };

/** All of them: by the path they are served at, and where each stands. */
export type AssetFiles = {
  readonly asset: (name: string) => string;
  readonly byPath: ReadonlyMap<string, AssetFile>;
};

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};
const HASH_CHARS = 12;
export const ASSETS_PATH = '/assets/';

/** Reads the static files of the pages once, with the browser's half of the passkey library. */
export function readAssetFiles(folder: string): AssetFiles {
  const byPath = new Map<string, AssetFile>();
  const paths = new Map<string, string>();
  const add = (name: string, bytes: Buffer) => {
    const type = TYPES[extname(name)];
    if (type === undefined) return;
    const hash = createHash('sha256').update(bytes).digest('hex').slice(0, HASH_CHARS);
    const path = `${ASSETS_PATH}${name.slice(0, -extname(name).length)}.${hash}${extname(name)}`;
    paths.set(name, path);
    byPath.set(path, { bytes, type });
  };
  for (const name of readdirSync(folder).sort()) add(name, readFileSync(join(folder, name)));
  add('webauthn.js', readFileSync(webauthnBundle()));
  return {
    byPath,
    asset: (name) => {
      const path = paths.get(name);
      if (path === undefined) throw new Error(`no static file ${name}`);
      return path;
    },
  };
}

/** The bundle that the package is published with; it sets `SimpleWebAuthnBrowser`. */
function webauthnBundle(): string {
  const entry = createRequire(import.meta.url).resolve('@simplewebauthn/browser');
  return join(dirname(entry), '..', 'dist', 'bundle', 'index.umd.min.js');
}
