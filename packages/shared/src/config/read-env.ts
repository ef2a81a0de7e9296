import { readFileSync } from 'node:fs';
import type { z } from 'zod';

/** All faults of a configuration at once, each with the variable's name. */
export class ConfigError extends Error {
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(`configuration is not usable:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
    this.name = 'ConfigError';
    this.faults = faults;
  }
}

/** Variables with this prefix that no schema knows are an error: a misspelt switch must not pass. */
const OWN_PREFIX = 'CLEARINGHOUSE_';

/**
 * Reads a service's configuration from the environment, once, into a frozen object.
 * A variable `NAME` may be given as `NAME_FILE` with the path of a file that holds it (trailing
 * line break dropped); both at once is an error. Empty means absent.
 *
 * @throws ConfigError with every fault and its variable's name; never with a value.
 */
export function readEnv<S extends z.ZodObject>(
  schema: S,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Readonly<z.infer<S>> {
  const faults: string[] = [];
  const names = Object.keys(schema.shape);
  const raw: Record<string, string> = {};
  for (const name of names) {
    const value = readVariable(name, env, faults);
    if (value !== undefined && value !== '') raw[name] = value;
  }
  const known = new Set(names);
  for (const name of Object.keys(env)) {
    const base = name.endsWith('_FILE') ? name.slice(0, -'_FILE'.length) : name;
    if (name.startsWith(OWN_PREFIX) && !known.has(base)) faults.push(`${name}: unknown variable`);
  }
  const parsed = schema.safeParse(raw);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      faults.push(`${issue.path.join('.') || '(all)'}: ${issue.message}`);
    }
  }
  if (faults.length > 0 || !parsed.success) throw new ConfigError(faults);
  return Object.freeze(parsed.data);
}

function readVariable(
  name: string,
  env: Readonly<Record<string, string | undefined>>,
  faults: string[],
): string | undefined {
  const direct = env[name];
  const path = env[`${name}_FILE`];
  if (!path) return direct;
  if (direct) {
    faults.push(`${name}: set either ${name} or ${name}_FILE, not both`);
    return undefined;
  }
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch {
    faults.push(`${name}_FILE: the file cannot be read`);
    return undefined;
  }
}
