import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort, startProcess, stopInOrder } from '@clearinghouse/embedded';
import { findApache, waitFor } from '@clearinghouse/testing';
import type { Client } from '../../../scripts/conformance/issuer/make-clients.ts';
import type { Issuer } from '../../../scripts/conformance/issuer/open-issuer.ts';
import type { Site } from './fixture-site.ts';

/** What Debian's Apache has in files; the rest is part of the program. */
const MODULES = ['mpm_event', 'authn_core', 'authz_core', 'authz_user', 'dir', 'headers'];

/** Starts Apache with a page behind mod_auth_openidc, at `/private/`. */
export async function startApache(
  issuer: Issuer,
  makeClient: (origin: string) => Promise<Client>,
): Promise<Site> {
  const apache = findApache();
  if (!apache) throw new Error('this test needs apache2 with mod_auth_openidc');
  const folder = mkdtempSync(join(tmpdir(), 'clearinghouse-apache-'));
  // Its workers run as another user than root.
  chmodSync(folder, 0o755);
  for (const name of ['pids', 'run', 'www', 'www/private']) mkdirSync(join(folder, name));
  writeFileSync(join(folder, 'www/private/index.html'), 'a page for those who are let in');
  const port = await findFreePort();
  const origin = `http://127.0.0.1:${port}`;
  const client = await makeClient(origin);
  const config = join(folder, 'httpd.conf');
  const lines = configLines({ folder, port, origin, modulesDir: apache.modulesDir });
  writeFileSync(config, [...lines, ...relyingParty(issuer, client, origin)].join('\n'));
  const started = await startProcess({
    name: 'apache',
    command: apache.program,
    args: ['-f', config, '-D', 'FOREGROUND'],
    env: {},
    pidFolder: join(folder, 'pids'),
    logFile: join(folder, 'apache.log'),
  });
  const answers = () =>
    fetch(`${origin}/`).then(
      () => true,
      () => false,
    );
  await waitFor(answers, { what: 'Apache' });
  return {
    origin,
    stop: async () => {
      await stopInOrder([started]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function configLines(at: { folder: string; port: number; origin: string; modulesDir: string }) {
  const { folder, port, modulesDir } = at;
  const load = (name: string) => `LoadModule ${name}_module ${modulesDir}/mod_${name}.so`;
  const isRoot = process.getuid?.() === 0;
  return [
    `ServerRoot ${folder}`,
    `DefaultRuntimeDir ${folder}/run`,
    `PidFile ${folder}/run/httpd.pid`,
    `ErrorLog ${folder}/error.log`,
    `Listen 127.0.0.1:${port}`,
    `ServerName 127.0.0.1:${port}`,
    ...MODULES.map(load),
    load('auth_openidc'),
    ...(isRoot ? ['User www-data', 'Group www-data'] : []),
    `DocumentRoot ${folder}/www`,
    'DirectoryIndex index.html',
    // The session of the relying party is kept by a few threads.
    'ThreadsPerChild 8',
    'StartServers 1',
  ];
}

function relyingParty(issuer: Issuer, client: Client, origin: string): string[] {
  return [
    `OIDCProviderMetadataURL ${issuer.url}/.well-known/openid-configuration`,
    `OIDCClientID ${client.clientId}`,
    `OIDCClientSecret ${client.clientSecret}`,
    `OIDCRedirectURI ${origin}/private/callback`,
    'OIDCCryptoPassphrase a-passphrase-of-the-relying-party',
    'OIDCScope "openid email"',
    'OIDCPKCEMethod S256',
    'OIDCRemoteUserClaim email',
    '<Location /private/>',
    'AuthType openid-connect',
    'Require valid-user',
    'Header set X-Let-In "%{OIDC_CLAIM_email}e"',
    '</Location>',
    '',
  ];
}
