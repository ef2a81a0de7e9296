import type { Breach } from '../source/breach.ts';
import type { SourceFile, SourceImport } from '../source/parse-source.ts';
import { isService, type Place, placeOf } from '../source/place.ts';
import { resolveImport } from '../source/resolve-import.ts';

type Edge = {
  readonly from: Place;
  /** A file of the same service, or a package's name; other workspaces are another rule's. */
  readonly to: Place | string;
  readonly isTypeOnly: boolean;
};

/**
 * Who may import whom within a service: HTTP knows operations and no storage; operations know
 * neither HTTP nor the composition; the private key is handed out by the composition alone.
 */
export function checkServiceLayers(file: SourceFile): Breach[] {
  const from = placeOf(file.path);
  if (!isService(from) || from.kind === 'test') return [];
  return file.imports.flatMap((entry) => {
    const edge = edgeOf(file.path, from, entry);
    const message = edge && (compositionFault(edge) ?? layerFault(edge) ?? custodyFault(edge));
    if (!message) return [];
    const where = { path: file.path, line: entry.line, rule: 'service-layers' };
    return [{ ...where, message: `${message} (${entry.specifier})` }];
  });
}

function edgeOf(path: string, from: Place, entry: SourceImport): Edge | undefined {
  const target = resolveImport(path, entry.specifier);
  const { isTypeOnly } = entry;
  if (target.type === 'package') return { from, to: target.name, isTypeOnly };
  const to = placeOf(target.path);
  return to.unit === from.unit ? { from, to, isTypeOnly } : undefined;
}

/** `app.ts` and `deps.ts` know everything, so whoever imports them closes a circle of everything. */
function compositionFault({ from, to }: Edge): string | undefined {
  if (typeof to === 'string') return undefined;
  const { kind } = to;
  if (kind === 'deps' && !['entry', 'deps'].includes(from.kind)) {
    return 'deps.ts is imported by index.ts, command lines and tests only';
  }
  if (kind === 'app' && from.kind !== 'entry') {
    return 'app.ts is imported by index.ts, command lines and tests only';
  }
  if (kind === 'config' && !['entry', 'app', 'deps'].includes(from.kind)) {
    return 'config.ts is imported by the composition only; declare what is needed';
  }
  if (kind === 'entry' && from.kind !== 'entry') return 'nothing imports an entry point';
  return undefined;
}

function layerFault({ from, to }: Edge): string | undefined {
  const isInner = from.kind === 'operation' || from.kind === 'keystore';
  if (typeof to === 'string') {
    return isInner && isKoa(to) ? 'an operation must not know koa' : undefined;
  }
  if (from.kind === 'http' && isStorage(to.inner)) {
    return 'http/ imports operations, never a store, db/, queue/ or keystore/';
  }
  return isInner && to.kind === 'http' ? 'an operation must not import http/' : undefined;
}

function custodyFault({ from, to, isTypeOnly }: Edge): string | undefined {
  if (typeof to === 'string' || isTypeOnly || to.kind !== 'keystore') return undefined;
  if (['keystore', 'deps', 'entry'].includes(from.kind)) return undefined;
  return 'keystore/ is imported as a value by deps.ts, command lines and tests only';
}

function isStorage(inner: string): boolean {
  return inner.endsWith('-store.ts') || /(^|\/)(db|queue|keystore)\//.test(inner);
}

function isKoa(name: string): boolean {
  return name === 'koa' || name.startsWith('koa-') || name.startsWith('@koa/');
}
