import { execFile } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { EMBEDDED_LIMITS } from '../limits.ts';
import type { Placement } from './place-postgres.ts';

const run = promisify(execFile);
const COMPLETE = '.initdb-complete';

/**
 * Makes the data folder unless it is there. Two marks keep it honest: one beside the folder says
 * that this program began to fill it, one inside that it finished. Only a folder with the first
 * and without the second is wiped.
 *
 * @returns whether it was made now.
 * @throws Error when the folder holds something that is not ours, or another major version.
 */
export async function initDataFolder(
  placement: Placement,
  options: {
    password: string;
    majorVersion: string;
    dangerouslyNoSync: boolean;
    onNotice: (line: string) => void;
  },
): Promise<boolean> {
  const { dataDir } = placement;
  const started = `${dataDir}.initdb-started`;
  if (existsSync(join(dataDir, COMPLETE))) {
    checkVersion(dataDir, options.majorVersion);
    rmSync(started, { force: true });
    return false;
  }
  const empty = !existsSync(dataDir) || readdirSync(dataDir).length === 0;
  if (!empty && !existsSync(started)) {
    throw new Error(`${dataDir} is not empty and not a finished Postgres folder of ours: move it`);
  }
  if (!empty) options.onNotice(`${dataDir} was left half made: making it again`);
  mkdirSync(dirname(dataDir), { recursive: true });
  writeFileSync(started, '');
  rmSync(dataDir, { recursive: true, force: true });
  await runInitdb(placement, options);
  writeFileSync(join(dataDir, COMPLETE), '');
  rmSync(started, { force: true });
  return true;
}

async function runInitdb(
  placement: Placement,
  options: { password: string; dangerouslyNoSync: boolean },
): Promise<void> {
  const { dataDir, binFolder, user } = placement;
  mkdirSync(dataDir, { mode: 0o700 });
  const passwordFile = `${dataDir}.password`;
  writeFileSync(passwordFile, options.password, { mode: 0o600 });
  if (user) for (const path of [dataDir, passwordFile]) chownSync(path, user.uid, user.gid);
  chmodSync(dataDir, 0o700);
  const args = ['-D', dataDir, '-U', 'postgres', `--pwfile=${passwordFile}`];
  args.push('--auth=scram-sha-256', '--encoding=UTF8', '--locale=C');
  if (options.dangerouslyNoSync) args.push('--no-sync');
  try {
    await run(join(binFolder, 'initdb'), args, {
      cwd: '/',
      timeout: EMBEDDED_LIMITS.initdbMs,
      env: { PATH: process.env.PATH, LC_ALL: 'C' },
      ...(user ? { uid: user.uid, gid: user.gid } : {}),
    });
  } catch (error) {
    const stderr = (error as { stderr?: unknown }).stderr;
    throw new Error(`initdb failed: ${typeof stderr === 'string' ? stderr.trim() : 'no text'}`);
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

function checkVersion(dataDir: string, majorVersion: string): void {
  const found = readFileSync(join(dataDir, 'PG_VERSION'), 'utf8').trim();
  if (found === majorVersion) return;
  throw new Error(
    `${dataDir} was made by Postgres ${found}, this is ${majorVersion}: dump and restore it, ` +
      'or move it away',
  );
}
