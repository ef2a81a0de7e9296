import { readFile } from 'node:fs/promises';
import type { Sql } from '@clearinghouse/shared';

const US_PER_TICK = 10_000;

/**
 * CPU time that this pool's server processes have used, in microseconds: a figure that neighbours
 * on the machine disturb less than a rate. Zero where the server is not on this Linux machine.
 */
export async function readServerCpu(sql: Sql): Promise<number> {
  const rows = await sql<{ pid: number }[]>`
    select pid from pg_stat_activity where usename = current_user`;
  const times = await Promise.all(rows.map(({ pid }) => readCpu(pid)));
  return times.reduce((sum, time) => sum + time, 0);
}

async function readCpu(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * US_PER_TICK;
}
