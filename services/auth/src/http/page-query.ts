import { z } from 'zod';

/** The query of a list: how many, and after which. */
export function pageQuery(itemsMax: number) {
  return z.object({
    after: z.string().min(1).max(64).optional(),
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
