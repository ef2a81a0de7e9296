import { z } from 'zod';
import { parseAddress } from '../hex.ts';

const PORT_MAX = 65_535;

/** A switch: `1`, `true`, `0` or `false`. */
export const flagEnv = z
  .enum(['0', '1', 'true', 'false'])
  .transform((text) => text === '1' || text === 'true');

/** A port; 0 is one that is free. */
export const portEnv = z.coerce.number().int().min(0).max(PORT_MAX);

/** An Ethereum address, however its letters are written. */
export const addressEnv = z.string().transform((text, ctx) => {
  const parsed = parseAddress(text);
  if (parsed !== undefined) return parsed;
  ctx.addIssue({ code: 'custom', message: 'not an address' });
  return z.NEVER;
});
