import { flagEnv } from '@clearinghouse/shared';
import { z } from 'zod';
import type { Place } from '../egress/guard-sockets.ts';
import { listPlaces } from '../egress/list-places.ts';

const URLS_MAX = 64;

/** Variables of where the process may connect to, beside what other variables name. */
export const egressShape = {
  EGRESS_ALLOW: z
    .string()
    .transform((text) => text.split(',').map((part) => part.trim()))
    .pipe(z.array(z.url()).max(URLS_MAX))
    .optional(),
  DANGEROUSLY_OPEN_EGRESS: flagEnv.default(false),
  DANGEROUSLY_ALLOW_CORE_DUMPS: flagEnv.default(false),
};

/** Absent: it may connect anywhere. */
export type EgressConfig = readonly Place[] | undefined;

/** The places that the settings name, `urls` being those of all the other variables. */
export function egressOf(
  raw: z.infer<z.ZodObject<typeof egressShape>>,
  urls: Readonly<Record<string, string | undefined>>,
): EgressConfig {
  if (raw.DANGEROUSLY_OPEN_EGRESS) return undefined;
  const extra = (raw.EGRESS_ALLOW ?? []).map((url, index) => [`EGRESS_ALLOW ${index + 1}`, url]);
  return listPlaces({ ...urls, ...Object.fromEntries(extra) });
}
