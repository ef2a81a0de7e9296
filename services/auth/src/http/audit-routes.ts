import type { Sql } from '@clearinghouse/shared';
import { guard } from '@clearinghouse/shared';
import type { Context, Middleware } from 'koa';
import { z } from 'zod';
import { readAudit, toCsv } from '../audit/read-audit.ts';
import { verifyAudit } from '../audit/verify-audit.ts';
import { LIMITS } from '../limits.ts';

const query = z.object({
  action: z.string().max(64).optional(),
  from: z.iso.datetime().optional(),
  to: z.iso.datetime().optional(),
  before: z
    .string()
    .regex(/^[1-9][0-9]{0,18}$/)
    .transform(BigInt)
    .optional(),
  limit: z.coerce.number().int().min(1).max(LIMITS.auditPageMax).default(LIMITS.auditPageDefault),
  format: z.enum(['json', 'csv']).default('json'),
});
const anyParams = z.object({ appId: z.string().optional() });

/** GET …/audit: of an app for its team, of everything for the operator; as JSON or CSV. */
export function readAuditRoute(deps: { readonly db: Sql }): Middleware {
  return guard({ params: anyParams, query }, async (ctx, { params, query: asked }) => {
    const lines = await readAudit(deps, {
      appId: params.appId ?? null,
      action: asked.action,
      from: asked.from === undefined ? undefined : new Date(asked.from),
      to: asked.to === undefined ? undefined : new Date(asked.to),
      before: asked.before,
      limit: asked.limit,
    });
    if (asked.format === 'csv') return asCsv(ctx, toCsv(lines));
    const last = lines.length === asked.limit ? lines.at(-1) : undefined;
    ctx.body = {
      entries: lines.map((line) => ({
        ...line,
        id: line.id.toString(),
        occurredAt: line.occurredAt.toISOString(),
      })),
      next: last ? { before: last.id.toString() } : null,
    };
  });
}

/** GET /admin/audit/proof */
export function proveAuditRoute(deps: { readonly db: Sql }): Middleware {
  return async (ctx) => {
    ctx.body = await verifyAudit(deps);
  };
}

function asCsv(ctx: Context, text: string): void {
  ctx.set('Content-Disposition', 'attachment; filename="audit.csv"');
  ctx.type = 'text/csv; charset=utf-8';
  ctx.body = text;
}
