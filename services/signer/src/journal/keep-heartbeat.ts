import { join } from 'node:path';
import { RUNTIME_LIMITS } from '../limits.ts';
import { HEARTBEAT_FILE, listFolder, touch } from './folder.ts';

/**
 * Shows every second that the owner of a folder lives, and looks whether the folder is still its
 * own: a process that stood still for too long finds it claimed.
 */
export function keepHeartbeat(options: {
  readonly folder: string;
  readonly onClaimed: () => void;
  readonly onFault: (error: unknown) => void;
}): { readonly stop: () => void } {
  const beat = async () => {
    const { hasOwner, claim } = await listFolder(options.folder);
    if (!hasOwner || claim > 0) options.onClaimed();
    else await touch(join(options.folder, HEARTBEAT_FILE));
  };
  const timer = setInterval(() => void beat().catch(options.onFault), RUNTIME_LIMITS.heartbeatMs);
  return { stop: () => clearInterval(timer) };
}
