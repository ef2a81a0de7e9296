import type { ErrorCode, PublicError } from '@clearinghouse/shared';

/** What each status asks of the caller. A status without an entry here is an error. */
const STATUSES: Readonly<Record<number, string>> = {
  400: 'The request is wrong. Sent again unchanged it fails again.',
  401: 'Who is asking is not known. Get a new token, or check the key.',
  402: 'No money, or a bound is reached. Nothing was signed; raise the balance or the cap.',
  403: 'Known, but not allowed.',
  404: 'There is no such thing, or not for this caller.',
  405: 'Another method is needed.',
  409: 'It contradicts what is there already.',
  413: 'Send less.',
  421: 'The Host header names something that is not served here.',
  422: 'The shape is right, a value is not.',
  429: 'Wait, as `Retry-After` says.',
  480: 'Fetch a new OrchestratorInfo and ask again; a go-livepeer gateway does so by itself.',
  481: 'The orchestrator asks more than a ceiling allows; choose another.',
  482: 'Not a fault: the session is paid ahead, so there is nothing to pay now.',
  500: 'Our fault. The log has the reason under the request id.',
  502: 'Somebody whom we asked gave an answer that cannot be used.',
  503: 'Something we need is away. Nothing was signed or booked twice; the same request is safe to send again.',
};

const HEAD = `# Errors

<!-- Generated from packages/shared/src/errors/codes.ts by \`npm run docs:errors\`. Do not edit. -->

A program reads the code; the message is for people and may change. Where the code stands:

| surface | body |
|---|---|
| signer | \`{"error": {"message", "code"}}\`; with 500 and 503 the message is the masked one |
| APIs of auth and billing | \`{"error": code, "error_description", "code", "message", "requestId"}\` |
| OAuth endpoints | \`{"error", "error_description"}\` by RFC 6749 |
| a refused API key at auth | \`{"error": "Unauthorized", "message": "Invalid API key"}\`, and no code |
`;

/**
 * The page of all error codes, by status.
 *
 * @throws Error when a status has no explanation: a new status needs one.
 */
export function renderErrorsDoc(errors: Readonly<Record<ErrorCode, PublicError>>): string {
  const byStatus = Map.groupBy(Object.entries(errors), ([, error]) => error.status);
  const statuses = [...byStatus.keys()].sort((a, b) => a - b);
  const sections = statuses.map((status) => renderStatus(status, byStatus.get(status) ?? []));
  return [HEAD, ...sections].join('\n');
}

function renderStatus(
  status: number,
  entries: readonly (readonly [string, PublicError])[],
): string {
  const meaning = STATUSES[status];
  if (!meaning) throw new Error(`status ${status} has no explanation in render-errors-doc.ts`);
  const rows = entries.map(([code, { message }]) => `| \`${code}\` | ${escapeCell(message)} |`);
  return `## ${status}\n\n${meaning}\n\n| code | message |\n|---|---|\n${rows.join('\n')}\n`;
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|');
}
