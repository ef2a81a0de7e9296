import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type StartedProcess, startProcess } from '@clearinghouse/embedded';
import { findCaddy, waitFor } from '@clearinghouse/testing';
import { ROOT } from '../compose/fixture-compose.ts';
import type { ComposeStack } from '../compose/fixture-stack.ts';

/** Caddy as the compose file's profile `tls` runs it. */
export type RunningCaddy = {
  /** PEM of the authority that signed its certificates. */
  readonly ca: string;
  readonly process: StartedProcess;
};

export type CaddyNames = {
  readonly port: number;
  readonly authHostname: string;
  readonly signerHostname: string;
};

/**
 * Starts Caddy with the Caddyfile of the repository. What differs from production is of this
 * machine: its ports, the addresses of auth and signer, and certificates of Caddy's own authority.
 */
export async function startCaddy(stack: ComposeStack, names: CaddyNames): Promise<RunningCaddy> {
  const program = findCaddy();
  if (program === undefined) throw new Error('this test needs caddy on PATH');
  const folder = stack.installation;
  const file = readFileSync(join(ROOT, 'deploy/Caddyfile'), 'utf8')
    .replace('auth:4000', `127.0.0.1:${stack.hosts.auth}`)
    .replace('signer:4002', `127.0.0.1:${stack.hosts.signer}`);
  const local = [
    'admin off',
    'local_certs',
    'skip_install_trust',
    'auto_https disable_redirects',
    `https_port ${names.port}`,
  ];
  const path = join(folder, 'Caddyfile');
  writeFileSync(path, `{\n\t${local.join('\n\t')}\n}\n${file}`);
  const started = await startProcess({
    name: 'caddy',
    command: program,
    args: ['run', '--config', path, '--adapter', 'caddyfile'],
    env: {
      AUTH_HOSTNAME: names.authHostname,
      SIGNER_HOSTNAME: names.signerHostname,
      XDG_DATA_HOME: folder,
      XDG_CONFIG_HOME: folder,
      HOME: folder,
    },
    pidFolder: join(folder, 'pids'),
    logFile: join(folder, 'caddy.log'),
  });
  const root = join(folder, 'caddy/pki/authorities/local/root.crt');
  const ca = await waitFor(async () => readIfThere(root), { what: 'the certificate of Caddy' });
  return { ca, process: started };
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
