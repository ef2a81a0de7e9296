import type { Sql } from '@clearinghouse/shared';
import { type AuditLine, type AuditQuery, findAudit } from './audit-store.ts';

/** Reads entries of the audit log, newest first. */
export async function readAudit(
  deps: { readonly db: Sql },
  query: AuditQuery,
): Promise<AuditLine[]> {
  return findAudit(deps.db, query);
}

const COLUMNS = [
  'id',
  'occurredAt',
  'appId',
  'actor',
  'action',
  'target',
  'reason',
  'requestId',
  'detail',
] as const;
/** A cell that a spreadsheet would run begins with one of these. */
const FORMULA = /^[=+\-@\t\r]/;

/** Entries as CSV (RFC 4180) with a line of names; no cell can be taken for a formula. */
export function toCsv(lines: readonly AuditLine[]): string {
  const rows = lines.map((line) =>
    [
      line.id.toString(),
      line.occurredAt.toISOString(),
      line.appId,
      line.actor,
      line.action,
      line.target,
      line.reason,
      line.requestId,
      JSON.stringify(line.detail),
    ]
      .map((value) => quote(value ?? ''))
      .join(','),
  );
  return `${[COLUMNS.join(','), ...rows].join('\r\n')}\r\n`;
}

function quote(value: string): string {
  const safe = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
