import { findProgram } from '../servers/find-program.ts';
import { installPackages } from '../servers/install-package.ts';
import type { Say } from '../servers/server.ts';

/** The path of a Chromium: `CHROMIUM`, else one on PATH; undefined when there is none. */
export function findChromium(): string | undefined {
  return (
    process.env.CHROMIUM || findProgram('chromium', 'chromium-browser', 'google-chrome-stable')
  );
}

/** The path of a Chromium, installed from the distribution when this is root. */
export function obtainChromium(say: Say): string | undefined {
  return findChromium() ?? (installPackages(say, 'chromium') ? findChromium() : undefined);
}
