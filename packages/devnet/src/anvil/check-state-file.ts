import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes the folder of the state file, and moves a file aside that a killed anvil left half
 * written: anvil would refuse to start on it.
 *
 * @returns where the broken file went, if there was one.
 */
export function checkStateFile(path: string): string | undefined {
  mkdirSync(dirname(path), { recursive: true });
  if (!existsSync(path) || isWhole(path)) return undefined;
  const aside = `${path}.broken-${Date.now()}`;
  renameSync(path, aside);
  return aside;
}

function isWhole(path: string): boolean {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return typeof value === 'object' && value !== null;
  } catch {
    return false;
  }
}
