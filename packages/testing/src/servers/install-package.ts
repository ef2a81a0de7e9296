import { spawnSync } from 'node:child_process';
import { TESTING_LIMITS } from '../limits.ts';
import { findProgram } from './find-program.ts';
import type { Say } from './server.ts';

/**
 * Installs packages of the distribution when this is root on a Debian or Ubuntu machine.
 *
 * @returns whether they are installed now
 */
export function installPackages(say: Say, ...names: readonly string[]): boolean {
  if (process.getuid?.() !== 0 || findProgram('apt-get') === undefined) return false;
  say(`installing ${names.join(', ')} with apt-get`);
  const options = ['-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=120'];
  const install = () =>
    spawnSync('apt-get', ['install', ...options, ...names], {
      stdio: 'ignore',
      timeout: TESTING_LIMITS.aptGetMs,
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    }).status === 0;
  if (install()) return true;
  spawnSync('apt-get', ['update'], { stdio: 'ignore', timeout: TESTING_LIMITS.aptGetMs });
  return install();
}
