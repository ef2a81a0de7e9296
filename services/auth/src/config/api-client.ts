import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readEnv } from '@clearinghouse/shared';
import { z } from 'zod';

/** Where the API is, and who asks. */
export type ApiTarget = {
  readonly origin: string;
  readonly credential:
    | { readonly kind: 'token'; readonly token: string }
    | { readonly kind: 'client'; readonly clientId: string; readonly clientSecret: string };
};

/** The variables of a command; each may be a file, by its name with `_FILE`. */
const shape = z.object({
  CLEARINGHOUSE_URL: z.url({ protocol: /^https?$/ }).optional(),
  CLEARINGHOUSE_TOKEN: z.string().min(1).optional(),
  CLEARINGHOUSE_CLIENT_ID: z.string().min(1).optional(),
  CLEARINGHOUSE_CLIENT_SECRET: z.string().min(1).optional(),
});
const devSchema = z.object({
  origin: z.string(),
  admin: z.object({ clientId: z.string(), clientSecret: z.string() }),
});

const HOW =
  'set CLEARINGHOUSE_URL, and CLEARINGHOUSE_TOKEN_FILE or CLEARINGHOUSE_CLIENT_ID with CLEARINGHOUSE_CLIENT_SECRET_FILE; `admin bootstrap` prints both';

/**
 * Finds the installation that a command is about: the variables, else the development stack that
 * runs from this folder. Never from an argument, which every process of the machine can read.
 *
 * @throws Error that says what to set.
 */
export function readApiTarget(folder: string, env: NodeJS.ProcessEnv): ApiTarget {
  const raw = readEnv(shape, env);
  const { CLEARINGHOUSE_URL: url, CLEARINGHOUSE_TOKEN: token } = raw;
  if (url === undefined) return readDevelopment(folder);
  const { origin } = new URL(url);
  if (token !== undefined) return { origin, credential: { kind: 'token', token } };
  const { CLEARINGHOUSE_CLIENT_ID: clientId, CLEARINGHOUSE_CLIENT_SECRET: clientSecret } = raw;
  if (!clientId || !clientSecret) throw new Error(HOW);
  return { origin, credential: { kind: 'client', clientId, clientSecret } };
}

function readDevelopment(folder: string): ApiTarget {
  const file = join(folder, '.data/dev.json');
  if (!existsSync(file)) throw new Error(HOW);
  const { origin, admin } = devSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  return { origin, credential: { kind: 'client', ...admin } };
}
