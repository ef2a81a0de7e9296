import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { RUNTIME_LIMITS } from '../limits.ts';
import { type AdoptFolderDeps, adoptFolder } from './adopt-folder.ts';
import { claimFolder } from './claim-folder.ts';
import { listFolder, touch } from './folder.ts';
import { createSignsOfLife, isAbandoned, type SignsOfLife } from './is-abandoned.ts';
import { UNRESOLVED_FOLDER } from './keep-unresolved.ts';
import type { ProcessIdentity } from './process-identity.ts';

export type AdoptFoldersDeps = AdoptFolderDeps & {
  readonly own: ProcessIdentity;
  readonly monotonicMs: () => number;
};

export type AdoptFoldersOptions = {
  readonly journalDir: string;
  readonly ownReplicaId: string;
  readonly adoptAfterMs: number;
};

/** Looks after the folders of signers that died. */
export type FolderAdopter = {
  /** Looks at every folder once; resolves when all that is abandoned is settled. */
  readonly look: () => Promise<void>;
  readonly start: () => void;
  readonly stop: () => void;
};

/**
 * Makes the adopter: at the start and every `adoptEveryMs` it claims abandoned folders, one after
 * the other, and settles them. A folder that could not be finished stays claimed and is gone on
 * with at the next look.
 */
export function createFolderAdopter(
  deps: AdoptFoldersDeps,
  options: AdoptFoldersOptions,
): FolderAdopter {
  const signs = createSignsOfLife(deps.monotonicMs);
  /** Folders that this process has claimed and not finished, with the path of the claim. */
  const claimed = new Map<string, string>();
  let looking: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  const lookOnce = async () => {
    for (const name of await folderNames(options)) {
      const folder = join(options.journalDir, name);
      try {
        const claim = claimed.get(folder) ?? (await claimIfAbandoned(deps, signs, folder, options));
        if (claim === undefined) continue;
        claimed.set(folder, claim);
        await adoptClaimed(deps, folder, claim);
        claimed.delete(folder);
        signs.forget(folder);
      } catch (err) {
        deps.log.error({ err, folder: name }, 'a dead signer’s journal is not settled yet');
      }
    }
  };
  const look = () => {
    looking ??= lookOnce()
      .catch((err: unknown) => deps.log.error({ err }, 'the journals cannot be listed'))
      .finally(() => {
        looking = undefined;
      });
    return looking;
  };
  return {
    look,
    start: () => {
      void look();
      timer ??= setInterval(() => void look(), RUNTIME_LIMITS.adoptEveryMs);
    },
    stop: () => clearInterval(timer),
  };
}

async function folderNames(options: AdoptFoldersOptions): Promise<string[]> {
  const entries = await readdir(options.journalDir, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .filter((name) => name !== options.ownReplicaId && name !== UNRESOLVED_FOLDER);
}

async function claimIfAbandoned(
  deps: AdoptFoldersDeps,
  signs: SignsOfLife,
  folder: string,
  options: AdoptFoldersOptions,
): Promise<string | undefined> {
  const listing = await listFolder(folder);
  if (!listing.isJournal) return undefined;
  const { own } = deps;
  const isFree = await isAbandoned({ own, signs }, folder, listing, options.adoptAfterMs);
  return isFree ? claimFolder(folder, listing, own) : undefined;
}

/** The claim is touched while it is used, so that nobody passes it. */
async function adoptClaimed(deps: AdoptFoldersDeps, folder: string, claim: string): Promise<void> {
  const timer = setInterval(() => {
    touch(claim).catch((err: unknown) => deps.log.warn({ err }, 'a claim cannot be touched'));
  }, RUNTIME_LIMITS.heartbeatMs);
  try {
    await adoptFolder(deps, folder);
  } finally {
    clearInterval(timer);
  }
}
