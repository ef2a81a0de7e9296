import { guard } from '@clearinghouse/shared';
import type { Middleware } from 'koa';
import { z } from 'zod';
import { type ReportLeakDeps, reportLeakedKey } from '../api-keys/report-leaked-key.ts';
import { LIMITS } from '../limits.ts';

const report = z.object({
  key: z.string().min(1).max(LIMITS.apiKeyCharsMax),
  url: z.string().max(2_048).optional(),
});
/** Secret scanners send what they found as a list. */
const scanned = z.object({
  token: z.string().min(1).max(LIMITS.apiKeyCharsMax),
  url: z.string().max(2_048).optional(),
});
const body = z.union([report, z.array(scanned).min(1).max(LIMITS.leaksPerReportMax)]);

/**
 * POST /api/v1/keys/report: whoever found a key in public has it revoked and its owner told. The
 * answer does not say whether there was such a key.
 */
export function reportLeakRoute(deps: ReportLeakDeps): Middleware {
  return guard({ body }, async (ctx, { body: input }) => {
    const found = Array.isArray(input)
      ? input.map(({ token, url }) => ({ key: token, where: url }))
      : [{ key: input.key, where: input.url }];
    for (const leak of found) {
      await reportLeakedKey(deps, { ...leak, requestId: ctx.state.requestId });
    }
    ctx.status = 202;
    ctx.body = { received: found.length };
  });
}
