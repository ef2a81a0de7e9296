import type { Say } from '../servers/server.ts';
import { obtainApache } from './find-apache.ts';
import { obtainCaddy } from './find-caddy.ts';
import { obtainChromium } from './find-chromium.ts';
import { obtainPromtool } from './find-promtool.ts';

/**
 * Obtains the programs of others that the suites of project `peers` run against: Chromium,
 * Apache with mod_auth_openidc, Caddy, and Prometheus' promtool.
 *
 * @returns those that cannot be had here, each with how to get it
 */
export function obtainPeers(say: Say): string[] {
  const missing: string[] = [];
  if (!obtainChromium(say)) missing.push('chromium (put it on PATH, or set CHROMIUM)');
  if (!obtainApache(say)) missing.push('apache2 with libapache2-mod-auth-openidc');
  if (!obtainCaddy(say)) missing.push('caddy');
  if (!obtainPromtool(say)) missing.push('promtool (package prometheus)');
  return missing;
}
