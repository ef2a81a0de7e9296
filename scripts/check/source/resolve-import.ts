import { posix } from 'node:path';

/** What an import leads to: a file of this repository, or a package from elsewhere. */
export type Target =
  | { readonly type: 'file'; readonly path: string; readonly isByName: boolean }
  | { readonly type: 'package'; readonly name: string };

const OWN_SCOPE = '@clearinghouse/';

/**
 * Resolves an import the way Node does with this repository's `exports`: a relative path to a
 * file, `@clearinghouse/x` to that package's index, anything else to the package's name.
 *
 * @param from path of the importing file, from the root of the repository
 */
export function resolveImport(from: string, specifier: string): Target {
  if (specifier.startsWith('.')) {
    const path = posix.normalize(posix.join(posix.dirname(from), specifier));
    return { type: 'file', path, isByName: false };
  }
  if (specifier.startsWith(OWN_SCOPE)) {
    const [name = '', ...rest] = specifier.slice(OWN_SCOPE.length).split('/');
    const folder = ['auth', 'billing', 'signer'].includes(name) ? 'services' : 'packages';
    const inner = rest.length === 0 ? 'index.ts' : rest.join('/');
    return { type: 'file', path: `${folder}/${name}/src/${inner}`, isByName: true };
  }
  const parts = specifier.split('/');
  return { type: 'package', name: parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/') };
}
