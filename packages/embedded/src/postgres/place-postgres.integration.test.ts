import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findFreePort } from './check-port.ts';
import { findNativeFolder } from './native-files.ts';
import { chooseSystemUser } from './system-user.ts';

const isRoot = process.getuid?.() === 0;
const START = JSON.stringify(join(import.meta.dirname, 'start-embedded-postgres.ts'));

/** What the start in a process of its own printed. */
type Report = { dataDir: string; binFolder: string; notices: string[]; answers: boolean };

/** Starts and stops the server in a process of its own, as root or as an ordinary user. */
async function startAs(
  user: { uid: number; gid: number } | undefined,
  options: { dataDir: string; native?: string; relocationRoot: string },
): Promise<Report> {
  const { dataDir, ...placement } = options;
  const script = `
    import { startEmbeddedPostgres } from ${START};
    process.umask(0o077);
    const notices = [];
    const server = await startEmbeddedPostgres({
      dataDir: ${JSON.stringify(dataDir)}, port: ${await findFreePort()}, password: 'secret',
      dangerouslyNoSync: true, onNotice: (line) => notices.push(line),
      placement: ${JSON.stringify(placement)},
    });
    const { dataDir, binFolder } = server;
    const answers = !server.process.hasExited();
    await server.stop();
    process.stdout.write(JSON.stringify({ dataDir, binFolder, notices, answers }));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: '/',
    ...(user ? { uid: user.uid, gid: user.gid } : {}),
  });
  let output = '';
  let complaint = '';
  child.stdout.on('data', (text) => {
    output += text;
  });
  child.stderr.on('data', (text) => {
    complaint += text;
  });
  await once(child, 'close');
  if (output === '') throw new Error(complaint);
  return JSON.parse(output) as Report;
}

describe.each(isRoot ? ['root', 'an ordinary user'] : ['an ordinary user'])('as %s', (who) => {
  // Root also plays the ordinary user, by starting the process as one.
  const user = isRoot && who !== 'root' ? chooseSystemUser() : undefined;
  let folder: string;
  let home: string;
  let refuge: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'clearinghouse-placement-'));
    chmodSync(folder, 0o755);
    home = join(folder, 'home');
    refuge = join(folder, 'var');
    mkdirSync(home);
    mkdirSync(refuge);
    if (user) chownSync(home, user.uid, user.gid);
    chmodSync(home, 0o700);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('starts below a home that nobody else may enter', async () => {
    const dataDir = join(home, 'project/.data/postgres');
    const report = await startAs(user, { dataDir, relocationRoot: refuge });
    expect(report.answers).toBe(true);
    if (who === 'root') {
      expect(report.dataDir.startsWith(refuge)).toBe(true);
      expect(report.notices.join()).toContain('cannot be reached by');
    } else {
      expect(report.dataDir).toBe(dataDir);
      expect(report.notices).toEqual([]);
    }
  });

  it('finds its data again at the next start', async () => {
    const options = { dataDir: join(home, 'postgres'), relocationRoot: refuge };
    const first = await startAs(user, options);
    const second = await startAs(user, options);
    expect(second.dataDir).toBe(first.dataDir);
    expect(existsSync(join(second.dataDir, '.initdb-complete'))).toBe(true);
  });

  it('copies programs that cannot be used where npm put them', async () => {
    const native = join(folder, 'modules/native');
    mkdirSync(join(folder, 'modules'));
    cpSync(findNativeFolder(), native, { recursive: true, verbatimSymlinks: true });
    // For root the Postgres user cannot go there; for the user a link is missing and stays so.
    if (who === 'root') chmodSync(join(folder, 'modules'), 0o700);
    else rmSync(join(native, 'lib/libpq.so.5'));
    if (!isRoot) chmodSync(join(native, 'lib'), 0o555);
    const dataDir = join(home, 'postgres');
    const report = await startAs(user, { dataDir, native, relocationRoot: refuge });
    if (!isRoot) chmodSync(join(native, 'lib'), 0o755);
    expect(report.answers).toBe(true);
    expect(report.binFolder.startsWith(who === 'root' ? refuge : home)).toBe(true);
    expect(report.notices.join()).toContain('programs were copied');
  });
});
