import { z } from 'zod';

const ETHER = 10n ** 18n;

/** Settings of the development chain as a process of its own (the container). */
export type DevnetConfig = z.infer<typeof schema>;

const port = z.coerce.number().int().min(1).max(65_534);
const wei = z
  .string()
  .regex(/^\d{1,30}$/)
  .transform(BigInt);

const schema = z.object({
  DEVNET_HOST: z.string().default('127.0.0.1'),
  DEVNET_PORT: port.default(8545),
  DEVNET_STATE_FILE: z.string().min(1).default('.data/devnet/state.json'),
  /** Who pays with tickets and is funded at the first start. */
  DEVNET_KEYSTORE_ADDRESS: z
    .string()
    .regex(/^0x[0-9a-fA-F]{40}$/)
    .optional(),
  DEVNET_DEPOSIT_WEI: wei.default(10n * ETHER),
  DEVNET_RESERVE_WEI: wei.default(10n * ETHER),
  /** Seconds between blocks; without it blocks come with transactions only. */
  DEVNET_BLOCK_TIME_SEC: z.coerce.number().int().min(1).max(3600).optional(),
});

/**
 * Reads the environment; an empty value counts as none.
 *
 * @throws Error that names every variable that cannot be used.
 */
export function readDevnetConfig(env: Readonly<Record<string, string | undefined>>): DevnetConfig {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const faults = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new Error(faults.join('\n'));
}
