import { claimPath, type FolderListing, writePrivate } from './folder.ts';
import type { ProcessIdentity } from './process-identity.ts';

/**
 * Claims an abandoned folder for this process: creates the file with the next number, which the
 * file system grants to one process only. A claim whose maker died is passed by the next number;
 * nothing is ever renamed or removed, so two cannot both believe that they have it.
 *
 * @returns the path of the claim, to be touched while it is used; `undefined` when another
 * process was faster, or the folder is gone.
 */
export async function claimFolder(
  folder: string,
  listing: FolderListing,
  own: ProcessIdentity,
): Promise<string | undefined> {
  const path = claimPath(folder, listing.claim + 1);
  try {
    await writePrivate(path, `${JSON.stringify(own)}\n`);
    return path;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' || code === 'ENOENT') return undefined;
    throw error;
  }
}
