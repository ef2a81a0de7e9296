import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectSuperuser } from '../databases/connect-superuser.ts';
import { readProcessIdentity } from '../processes/process-identity.ts';
import { reapLeftovers } from '../processes/reap-leftovers.ts';
import { signalProcess } from '../processes/signal-group.ts';
import { findFreePort } from './check-port.ts';
import {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from './start-embedded-postgres.ts';

describe('the embedded Postgres', () => {
  let folder: string;
  let port: number;
  let notices: string[];
  const running: EmbeddedPostgres[] = [];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'clearinghouse-postgres-'));
    chmodSync(folder, 0o755);
    port = await findFreePort();
    notices = [];
  });
  afterEach(async () => {
    for (const server of running.splice(0)) await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const dataDir = () => join(folder, 'data');
  const start = async (options: Partial<EmbeddedPostgresOptions> = {}) => {
    const server = await startEmbeddedPostgres({
      dataDir: dataDir(),
      port,
      password: "it's a secret",
      dangerouslyNoSync: true,
      onNotice: (line) => notices.push(line),
      ...options,
    });
    running.push(server);
    return server;
  };
  const query = async (server: EmbeddedPostgres, text: string) => {
    const sql = connectSuperuser(server.url('postgres', 'postgres'));
    try {
      return [...(await sql.unsafe(text))];
    } finally {
      await sql.end();
    }
  };
  /** Writes a row that is committed, so that it must be there after anything. */
  const leaveRow = async (server: EmbeddedPostgres) => {
    await query(server, 'create table kept (id int); insert into kept values (7)');
  };
  const expectRow = async (server: EmbeddedPostgres) => {
    expect(await query(server, 'select id from kept')).toEqual([{ id: 7 }]);
  };

  it('serves the loopback only, with passwords and without sockets', async () => {
    const server = await start();
    const rows = await query(
      server,
      `select name, setting from pg_settings where name in
       ('listen_addresses', 'unix_socket_directories', 'max_connections') order by name`,
    );
    expect(rows.map(({ setting }) => setting)).toEqual(['127.0.0.1', '300', '']);
    const wrong = connectSuperuser(server.url('postgres', 'postgres').replace('secret', 'guess'));
    await expect(wrong`select 1`).rejects.toMatchObject({ code: '28P01' });
    await wrong.end();
  });

  it('syncs to disk unless it is told that the data does not matter', async () => {
    const server = await start({ dangerouslyNoSync: false });
    const rows = await query(server, "select setting from pg_settings where name = 'fsync'");
    expect(rows).toEqual([{ setting: 'on' }]);
  });

  it('knows the passwords of roles that it was given, and of no other', async () => {
    const server = await start({ rolePasswords: { auth_app: 'p/w' } });
    const url = server.url('auth_app', 'clearinghouse');
    expect(url).toBe(`postgres://auth_app:p%2Fw@127.0.0.1:${port}/clearinghouse`);
    expect(() => server.url('billing_app', 'clearinghouse')).toThrow('billing_app');
  });

  it('keeps its data over a stop', async () => {
    const first = await start();
    await leaveRow(first);
    await first.stop();
    expect(readProcessIdentity(first.process.pid)).toBeUndefined();
    await expectRow(await start());
    expect(notices).toEqual([]);
  });

  it('stops while sessions are open', async () => {
    const server = await start();
    const sql = connectSuperuser(server.url('postgres', 'postgres'));
    await sql`select 1`;
    await server.stop();
    expect(readProcessIdentity(server.process.pid)).toBeUndefined();
    await sql.end({ timeout: 0 });
  });

  it('recovers from a kill of the server', async () => {
    const first = await start();
    await leaveRow(first);
    signalProcess(first.process.pid, 'SIGKILL');
    await first.process.exited;
    await expectRow(await start());
    expect(notices.join()).toContain('left by a server that is gone');
  });

  it('is ended by pid file when its supervisor was killed', async () => {
    const first = await start();
    await leaveRow(first);
    expect(await reapLeftovers(folder)).toEqual(['postgres']);
    expect(readProcessIdentity(first.process.pid)).toBeUndefined();
    await expectRow(await start());
  });

  it('is taken down first when it still runs and no pid file tells of it', async () => {
    const first = await start();
    await leaveRow(first);
    const second = await start({ port: await findFreePort() });
    expect(notices.join()).toContain('of an earlier run still serves');
    expect(readProcessIdentity(first.process.pid)).toBeUndefined();
    await expectRow(second);
  });

  it("is not misled by a lock file with another program's number", async () => {
    const first = await start();
    await leaveRow(first);
    await first.stop();
    writeFileSync(join(dataDir(), 'postmaster.pid'), `${process.pid}\n${dataDir()}\n`);
    await expectRow(await start());
    expect(notices.join()).toContain('postmaster.pid was left');
  });

  it('names port and variable when another program has the port', async () => {
    const other = createServer().listen(port, '127.0.0.1');
    await expect(start({ portVariable: 'POSTGRES_PORT' })).rejects.toThrow(
      `port ${port} (Postgres) is taken: free it, or set POSTGRES_PORT`,
    );
    expect(existsSync(dataDir())).toBe(false);
    await new Promise((resolve) => other.close(resolve));
  });

  it('makes a folder again that was left half made', async () => {
    mkdirSync(dataDir());
    writeFileSync(join(dataDir(), 'PG_VERSION'), '18\n');
    writeFileSync(`${dataDir()}.initdb-started`, '');
    expect(await query(await start(), 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(notices.join()).toContain('left half made');
    expect(existsSync(`${dataDir()}.initdb-started`)).toBe(false);
  });

  it('touches no folder that it did not begin itself', async () => {
    mkdirSync(dataDir());
    writeFileSync(join(dataDir(), 'precious'), 'text');
    await expect(start()).rejects.toThrow('is not empty and not a finished Postgres folder');
    expect(existsSync(join(dataDir(), 'precious'))).toBe(true);
  });

  it('refuses the folder of another major version', async () => {
    const first = await start();
    await first.stop();
    writeFileSync(join(dataDir(), 'PG_VERSION'), '17\n');
    await expect(start()).rejects.toThrow('was made by Postgres 17, this is 18');
  });

  it('tells the end of its log when it cannot start', async () => {
    await expect(start({ settings: { shared_buffers: 'plenty' } })).rejects.toThrow(
      /did not start; its log is .*[\s\S]*shared_buffers/,
    );
  });

  it('keeps its folder to itself', async () => {
    await start();
    expect(statSync(dataDir()).mode & 0o777).toBe(0o700);
    expect(existsSync(`${dataDir()}.password`)).toBe(false);
  });
});
