import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessIdentity } from './process-identity.ts';

/** What is kept on disk about a child, so that the next start can end it if this one cannot. */
export type PidRecord = ProcessIdentity & {
  readonly name: string;
  readonly stopSignal: NodeJS.Signals;
  /** Lower stops first. */
  readonly stopOrder: number;
};

const SUFFIX = '.pid.json';

/** Writes the record whole or not at all. */
export function writePidFile(folder: string, record: PidRecord): void {
  mkdirSync(folder, { recursive: true });
  const path = pidFilePath(folder, record.name);
  writeFileSync(`${path}.new`, `${JSON.stringify(record)}\n`);
  renameSync(`${path}.new`, path);
}

/** Removes the record; that it is gone already is no fault. */
export function removePidFile(folder: string, name: string): void {
  rmSync(pidFilePath(folder, name), { force: true });
}

/** All readable records of a folder, in stop order; a torn file counts as none. */
export function readPidFiles(folder: string): PidRecord[] {
  const records: PidRecord[] = [];
  for (const file of listFolder(folder)) {
    if (!file.endsWith(SUFFIX)) continue;
    const record = parseRecord(join(folder, file));
    if (record) records.push(record);
  }
  return records.sort((a, b) => a.stopOrder - b.stopOrder);
}

function pidFilePath(folder: string, name: string): string {
  return join(folder, `${name}${SUFFIX}`);
}

function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function parseRecord(path: string): PidRecord | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is PidRecord {
  if (typeof value !== 'object' || value === null) return false;
  const record = value as Record<string, unknown>;
  return (
    Number.isSafeInteger(record.pid) &&
    Number.isFinite(record.stopOrder) &&
    ['name', 'startedAt', 'command', 'stopSignal'].every((key) => typeof record[key] === 'string')
  );
}
