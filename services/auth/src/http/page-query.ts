import type { IdPrefix } from '@clearinghouse/shared';
import { z } from 'zod';

/** What the ids of a list look like, by their prefixes: no other text is a cursor of it. */
export function cursorOf(...prefixes: readonly IdPrefix[]): RegExp {
  return new RegExp(`^(?:${prefixes.join('|')})_[0-9a-f]{24}$`);
}

/** The query of a list: how many, and after which. */
export function pageQuery(itemsMax: number, cursor: RegExp) {
  return z.object({
    after: z.string().regex(cursor, 'not a cursor of this list').optional(),
    limit: z.coerce.number().int().min(1).max(itemsMax).default(itemsMax),
  });
}

/** What a list says of its next page: null when this was the last. */
export function nextOf(
  items: readonly { readonly id: string }[],
  limit: number,
): { after: string } | null {
  const last = items.length === limit ? items.at(-1) : undefined;
  return last ? { after: last.id } : null;
}
