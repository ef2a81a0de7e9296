import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { signalProcess } from '@clearinghouse/embedded';

/** Sends a signal to a process and everything it started, whatever group they are in. */
export function killTree(pid: number, signal: NodeJS.Signals = 'SIGKILL'): void {
  const parents = readParents();
  const tree = [pid];
  for (const member of tree) {
    for (const [child, parent] of parents) if (parent === member) tree.push(child);
  }
  for (const member of tree) signalProcess(member, signal);
}

function readParents(): Map<number, number> {
  return process.platform === 'linux' ? readProc() : readPs();
}

function readProc(): Map<number, number> {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      parents.set(Number(name), Number(fields[1]));
    } catch {
      // It ended while the list was read.
    }
  }
  return parents;
}

function readPs(): Map<number, number> {
  const text = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
  const lines = text.trim().split('\n');
  return new Map(
    lines.map((line) => {
      const [pid, parent] = line.trim().split(/\s+/).map(Number);
      return [pid ?? 0, parent ?? 0];
    }),
  );
}
