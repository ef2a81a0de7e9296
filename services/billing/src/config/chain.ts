import { parseAddress, parseWei } from '@clearinghouse/shared';
import { z } from 'zod';
import type { ChainRules } from '../chain/chain-rules.ts';

const CO_SIGNERS_MAX = 32;

/** `0xaddress:wei,0xaddress:wei` */
const coSigners = z.string().transform((text, ctx) => {
  const pairs = text.split(',').map((part) => {
    const [address = '', bound = ''] = part.trim().split(':');
    return [parseAddress(address), parseWei(bound)] as const;
  });
  const map = new Map(
    pairs.flatMap(([address, bound]) => (address && bound ? [[address, bound]] : [])),
  );
  if (map.size === pairs.length && map.size <= CO_SIGNERS_MAX) return map;
  ctx.addIssue({ code: 'custom', message: 'ADDRESS:WEI, comma between, each address once' });
  return z.NEVER;
});

/** Variables of what the chain is compared with. */
export const chainShape = {
  CHAIN_ADOPTED_AT_ROUND: z
    .string()
    .regex(/^(0|[1-9][0-9]{0,17})$/, 'a round')
    .transform(BigInt)
    .optional(),
  CO_SIGNERS: coSigners.optional(),
};

/** The rules by which redemptions are judged. */
export function chainRulesOf(raw: z.infer<z.ZodObject<typeof chainShape>>): ChainRules {
  return {
    adoptedAtRound: raw.CHAIN_ADOPTED_AT_ROUND,
    coSignerWeiPerRound: raw.CO_SIGNERS ?? new Map(),
  };
}
