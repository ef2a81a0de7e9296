import { findProgram } from '../servers/find-program.ts';
import { installPackages } from '../servers/install-package.ts';
import type { Say } from '../servers/server.ts';

/** The path of promtool, which reads alert rules as Prometheus does. */
export function findPromtool(): string | undefined {
  return findProgram('promtool');
}

/** The same, installed from the distribution when this is root. */
export function obtainPromtool(say: Say): string | undefined {
  return findPromtool() ?? (installPackages(say, 'prometheus') ? findPromtool() : undefined);
}
