import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { EMBEDDED_LIMITS } from '../limits.ts';

/** How long the log is now: what a later {@link readLogTail} shall not look behind. */
export function logLength(path: string): number {
  return withFile(path, (file) => fstatSync(file).size) ?? 0;
}

/** The end of a log, no earlier than `fromByte`; empty when there is none. */
export function readLogTail(path: string, fromByte: number): string {
  const text = withFile(path, (file) => {
    const { size } = fstatSync(file);
    const from = Math.max(fromByte, size - EMBEDDED_LIMITS.logTailBytes);
    const buffer = Buffer.alloc(Math.max(0, size - from));
    readSync(file, buffer, 0, buffer.length, from);
    return buffer.toString('utf8').trim();
  });
  return text ?? '';
}

function withFile<T>(path: string, read: (file: number) => T): T | undefined {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return undefined;
  }
  try {
    return read(file);
  } finally {
    closeSync(file);
  }
}
