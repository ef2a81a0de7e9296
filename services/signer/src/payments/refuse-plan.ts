import { type ErrorCode, publicError } from '@clearinghouse/shared';
import type { PlanRefusal } from './plan.ts';

/**
 * A refusal with the status of its code. `text` is what go-livepeer would say; behind a
 * masked status (500, 503) it becomes the detail for logs.
 */
export function refusePlan(
  code: ErrorCode,
  text?: string,
  headers?: Readonly<Record<string, string>>,
): PlanRefusal {
  const { status, message } = publicError(code);
  const isMasked = status === 500 || status === 503;
  return {
    ok: false,
    code,
    status,
    message: isMasked || text === undefined ? message : text,
    ...(headers === undefined ? {} : { headers }),
    ...(isMasked && text !== undefined ? { detail: text } : {}),
  };
}
