import { existsSync } from 'node:fs';
import { findProgram } from '../servers/find-program.ts';
import { installPackages } from '../servers/install-package.ts';
import type { Say } from '../servers/server.ts';

const SBIN = '/usr/sbin/apache2';
const MODULES = '/usr/lib/apache2/modules';

/** An Apache that has mod_auth_openidc: its program and the folder of its modules. */
export type Apache = { readonly program: string; readonly modulesDir: string };

/** Debian's Apache with mod_auth_openidc; undefined when it is not here. */
export function findApache(): Apache | undefined {
  const program = existsSync(SBIN) ? SBIN : findProgram('apache2');
  const hasModule = existsSync(`${MODULES}/mod_auth_openidc.so`);
  return program && hasModule ? { program, modulesDir: MODULES } : undefined;
}

/** The same, installed from the distribution when this is root. */
export function obtainApache(say: Say): Apache | undefined {
  return (
    findApache() ??
    (installPackages(say, 'apache2', 'libapache2-mod-auth-openidc') ? findApache() : undefined)
  );
}
