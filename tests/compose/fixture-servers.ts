import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type EmbeddedPostgres,
  findFreePort,
  provisionDatabases,
  type StartedProcess,
  startEmbeddedPostgres,
  startProcess,
  stopProcess,
} from '@clearinghouse/embedded';
import { findRedisProgram } from '@clearinghouse/testing';
import type { ComposeFile } from './fixture-compose.ts';

/** Where the compose network's names are on this machine. */
export type ComposeHosts = Readonly<
  Record<'postgres' | 'redis' | 'auth' | 'billing' | 'signer', number>
>;

/** Postgres and Redis as the compose file runs them, on free ports. */
export type ComposeServers = {
  readonly hosts: ComposeHosts;
  /** The secrets folder with the compose network's names replaced by loopback ports. */
  readonly secretsDir: string;
  readonly postgres: EmbeddedPostgres;
  readonly stop: () => Promise<void>;
};

/** Replaces `name:port` of the compose network by the loopback port of this run. */
export function onThisMachine(text: string, hosts: ComposeHosts): string {
  return Object.entries(hosts).reduce((result, [name, port]) => {
    const address = new RegExp(`(://|@)${name}:\\d+(?=/|\\s|$)`, 'g');
    return result.replace(address, `$1127.0.0.1:${port}`);
  }, text);
}

/** Starts the two servers with the roles and the ACL of an installation folder. */
export async function startComposeServers(
  compose: ComposeFile,
  installation: string,
): Promise<ComposeServers> {
  const names = ['postgres', 'redis', 'auth', 'billing', 'signer'] as const;
  const ports: Record<string, number> = {};
  for (const name of names) ports[name] = await findFreePort();
  const hosts = ports as ComposeHosts;
  const secretsDir = join(installation, 'local-secrets');
  mkdirSync(secretsDir, { mode: 0o700 });
  const source = join(installation, 'secrets');
  for (const name of readdirSync(source)) {
    const text = readFileSync(join(source, name), 'utf8');
    writeFileSync(join(secretsDir, name), onThisMachine(text, hosts), { mode: 0o600 });
  }
  const postgres = await startPostgres(installation, secretsDir, hosts.postgres);
  const redis = await startRedis(compose, { installation, secretsDir, port: hosts.redis });
  return {
    hosts,
    secretsDir,
    postgres,
    stop: async () => {
      await stopProcess(redis);
      await postgres.stop();
    },
  };
}

async function startPostgres(
  installation: string,
  secretsDir: string,
  port: number,
): Promise<EmbeddedPostgres> {
  const password = readFileSync(join(secretsDir, 'postgres_password'), 'utf8');
  const lines = readFileSync(join(secretsDir, 'role_passwords'), 'utf8').trim().split('\n');
  const passwords = Object.fromEntries(lines.map((line) => line.split('=')));
  const dataDir = join(installation, 'postgres');
  const options = { dataDir, port, password, rolePasswords: passwords, dangerouslyNoSync: true };
  const postgres = await startEmbeddedPostgres(options);
  await provisionDatabases({ superuserUrl: postgres.url('postgres', 'postgres'), passwords });
  return postgres;
}

/** The compose file's own command; only its paths and the port are of this machine. */
function startRedis(
  compose: ComposeFile,
  paths: { installation: string; secretsDir: string; port: number },
): Promise<StartedProcess> {
  const [, ...args] = compose.services.redis?.command ?? [];
  const program = findRedisProgram();
  if (!program) throw new Error('this test needs redis-server on PATH');
  const data = join(paths.installation, 'redis');
  mkdirSync(data);
  // Redis reads the ACL file's name by its ending only in `acl load`; a copy keeps it apart.
  const acl = join(paths.secretsDir, 'redis_acl.acl');
  copyFileSync(join(paths.secretsDir, 'redis_acl'), acl);
  const local = args.map((arg) =>
    arg.replace('/run/secrets/redis_acl', acl).replace(/^\/data$/, data),
  );
  return startProcess({
    name: 'compose-redis',
    command: program,
    args: [...local, '--port', String(paths.port), '--bind', '127.0.0.1'],
    pidFolder: paths.installation,
    logFile: join(paths.installation, 'redis.log'),
  });
}
