import { findProgram } from '../servers/find-program.ts';
import { installPackages } from '../servers/install-package.ts';
import type { Say } from '../servers/server.ts';

/** The path of Caddy, the proxy of the compose file's profile `tls`. */
export function findCaddy(): string | undefined {
  return findProgram('caddy');
}

/** The same, installed from the distribution when this is root. */
export function obtainCaddy(say: Say): string | undefined {
  return findCaddy() ?? (installPackages(say, 'caddy') ? findCaddy() : undefined);
}
