import { z } from 'zod';
import { positionField } from './fields.ts';

/** Asked by a signer with price ceilings in USD: what is an ether worth? */
export const priceRequestSchema = z.object({});

const PRICE_DIGITS = /^[1-9][0-9]{0,37}$/;

/** Billing's newest price, the one that its next hold is priced by. */
export const priceReplySchema = z.object({
  price: z
    .object({
      /** USD of one ether with eight decimals. */
      priceE8: z.string().regex(PRICE_DIGITS).transform(BigInt),
      /** Since it was observed, by the database's clock. */
      ageMs: positionField,
      /** Older than this it prices nothing. */
      maxAgeMs: positionField,
    })
    .nullable(),
});

export type PriceReplyWire = z.input<typeof priceReplySchema>;
export type PriceReply = z.output<typeof priceReplySchema>;
