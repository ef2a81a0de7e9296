/** What a file is within its workspace; the import rules speak of these kinds. */
export type FileKind =
  | 'test'
  | 'entry'
  | 'app'
  | 'deps'
  | 'config'
  | 'http'
  | 'oidc'
  | 'keystore'
  | 'operation';

/** Where a file stands: `services/auth`, `packages/shared`, `scripts`, `bench` or `tests`. */
export type Place = {
  readonly unit: string;
  /** Path below the unit's `src`, or below the unit where it has none. */
  readonly inner: string;
  readonly kind: FileKind;
};

/** The place of a path from the root of the repository. */
export function placeOf(path: string): Place {
  const [top = '', name = '', ...rest] = path.split('/');
  if (top !== 'packages' && top !== 'services') {
    const inner = [name, ...rest].join('/');
    return { unit: top, inner, kind: path.endsWith('.test.ts') ? 'test' : 'entry' };
  }
  const inner = (rest[0] === 'src' ? rest.slice(1) : rest).join('/');
  return { unit: `${top}/${name}`, inner, kind: kindOf(inner) };
}

/** True for a file of one of the three services. */
export function isService(place: Place): boolean {
  return place.unit.startsWith('services/');
}

function kindOf(inner: string): FileKind {
  // What lies in a `fixtures` or `testing` folder serves tests only and is judged as one.
  if (inner.endsWith('.test.ts') || /(^|\/)(fixtures|testing)\//.test(inner)) return 'test';
  if (inner === 'index.ts' || /(^|\/)cli\/|(^|[/-])cli\.ts$/.test(inner)) return 'entry';
  if (inner === 'preconditions.ts') return 'entry';
  if (inner === 'app.ts') return 'app';
  if (inner === 'deps.ts' || inner.startsWith('deps/')) return 'deps';
  if (inner === 'config.ts') return 'config';
  if (/(^|\/)(http|interactions)\//.test(inner)) return 'http';
  if (/(^|\/)(oidc|views)\//.test(inner)) return 'oidc';
  if (/(^|\/)keystore\//.test(inner)) return 'keystore';
  return 'operation';
}
