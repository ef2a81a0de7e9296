import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isSameProcess, readProcessIdentity } from '@clearinghouse/embedded';

/**
 * Lets one supervisor at a time work in a data folder. A lock whose process is gone, or whose
 * number now belongs to another program, is taken over.
 *
 * @returns what gives the lock back.
 * @throws Error when another start is running there.
 */
export function holdLock(dataDir: string): () => void {
  // Others may pass through, not list: as root PostgreSQL runs as another user below it.
  mkdirSync(dataDir, { recursive: true, mode: 0o711 });
  const path = join(dataDir, 'start.lock.json');
  const own = readProcessIdentity(process.pid);
  for (let attempt = 0; attempt < 2; attempt += 1) {
    try {
      writeFileSync(path, JSON.stringify(own ?? { pid: process.pid }), { flag: 'wx', mode: 0o600 });
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const holder = readHolder(path);
      if (holder && isSameProcess(holder)) {
        throw new Error(`a stack is running in ${dataDir} already (process ${holder.pid})`);
      }
      rmSync(path, { force: true });
    }
  }
  throw new Error(`cannot take ${path}`);
}

type Holder = Parameters<typeof isSameProcess>[0];

function readHolder(path: string): Holder | undefined {
  try {
    const holder = JSON.parse(readFileSync(path, 'utf8')) as Holder;
    return typeof holder?.pid === 'number' && holder.startedAt ? holder : undefined;
  } catch {
    return undefined;
  }
}
