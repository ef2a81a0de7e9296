import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { CoreDumps } from './custody/stop-core-dumps.ts';
import { probeDisk } from './journal/probe-disk.ts';

const OWN_FOLDER = 0o700;

/**
 * Refuses the fallback curve, which is slow and leaks the key through its timing.
 *
 * @throws Error saying how to mend it.
 */
export function checkCurve(
  implementation: 'native' | 'js',
  options: { readonly allowsJsCurve: boolean },
): void {
  if (implementation === 'native' || options.allowsJsCurve) return;
  throw new Error(
    'the native secp256k1 addon did not load: reinstall for this platform ' +
      '(DANGEROUSLY_ALLOW_JS_CURVE=1 only to try things out)',
  );
}

/**
 * Sees to it that a crash writes no key to a disk.
 *
 * @throws Error saying how to mend it, when keys of this process could be in a core dump.
 */
export function checkCoreDumps(
  coreDumps: CoreDumps,
  options: { readonly holdsKeys: boolean; readonly allowsCoreDumps: boolean },
): void {
  if (coreDumps !== 'on' || !options.holdsKeys || options.allowsCoreDumps) return;
  throw new Error(
    'a crash would write the key to a core dump: start it under `ulimit -c 0` ' +
      '(DANGEROUSLY_ALLOW_CORE_DUMPS=1 only to try things out)',
  );
}

/**
 * The journal's folder exists, and takes data.
 *
 * @throws Error saying which folder does not.
 */
export async function checkJournalDir(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: OWN_FOLDER }).catch(() => undefined);
  const isOpen = await access(folder, constants.R_OK | constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
  if (isOpen && (await probeDisk(folder))) return;
  throw new Error(`JOURNAL_DIR: cannot write to ${folder} (in ${dirname(folder)})`);
}
