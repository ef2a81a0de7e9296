import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';

/** The machine and the moment, for the head of a result. */
export function describeMachine(): string {
  const model = cpus()[0]?.model ?? 'unknown CPU';
  const gib = Math.round(totalmem() / 2 ** 30);
  const date = new Date().toISOString().slice(0, 10);
  const kernel = execFileSync('uname', ['-sr'], { encoding: 'utf8' }).trim();
  return `${date}, ${cpus().length} x ${model}, ${gib} GiB, ${kernel}, Node ${process.version}`;
}
