import type { ErrorCode } from '@clearinghouse/shared';
import { quoteGoString } from './quote-go-string.ts';

/** What a client is told of a refusal. */
export type WireError = {
  readonly status: number;
  readonly code: ErrorCode;
  readonly message: string;
};

/**
 * The body of every refusal, `{"error":{"message":…,"code":…}}` with a newline. go-livepeer
 * clients read `message`; `code` is stable. Status 500 and 503 never tell the real text.
 */
export function errorBody(error: WireError): string {
  const message = publicText(error);
  return `{"error":{"message":${quoteGoString(message)},"code":${quoteGoString(error.code)}}}\n`;
}

/** The header with which a 480 names the orchestrator; left out when it is no header text. */
export function refreshHeaders(transcoder: string): Readonly<Record<string, string>> {
  return /^[\x21-\x7e]+$/.test(transcoder) ? { 'Livepeer-Orchestrator-URL': transcoder } : {};
}

function publicText(error: WireError): string {
  if (error.status === 500) return 'Internal Server Error';
  if (error.status === 503) return 'Service Unavailable Error';
  return error.message;
}
