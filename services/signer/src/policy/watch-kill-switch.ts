import type { Logger } from '@clearinghouse/shared';
import { RUNTIME_LIMITS } from '../limits.ts';
import { readStopped, type Stopped } from './kill-switch.ts';

/** The operator's switch, as it stood at the last look. */
export type KillSwitch = {
  /** Set: nothing is signed. */
  readonly stopped: () => Stopped | undefined;
  readonly stop: () => void;
};

/** Looks at the switch now and four times a second; what changes is logged once. */
export async function watchKillSwitch(journalDir: string, log: Logger): Promise<KillSwitch> {
  let current = await readStopped(journalDir);
  const tell = () => {
    if (current) log.error({ alarm: 'signing_stopped', ...current }, 'signing is stopped');
    else log.warn('signing goes on');
  };
  if (current) tell();
  let isLooking = false;
  const look = async () => {
    if (isLooking) return;
    isLooking = true;
    const now = await readStopped(journalDir);
    isLooking = false;
    const changed = now?.since !== current?.since || now?.reason !== current?.reason;
    current = now;
    if (changed) tell();
  };
  const timer = setInterval(() => void look(), RUNTIME_LIMITS.killSwitchLookMs);
  return { stopped: () => current, stop: () => clearInterval(timer) };
}
