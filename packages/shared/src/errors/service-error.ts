import { type ErrorCode, publicError } from './codes.ts';

/** A fault or refusal on its way to the border, where one middleware turns it into a body. */
export class ServiceError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly publicMessage: string;
  /** For logs only; never sent, and never holds a token, key, signature or body. */
  readonly detail: string | undefined;

  constructor(
    code: ErrorCode,
    options: { detail?: string; publicMessage?: string; cause?: unknown } = {},
  ) {
    super(`${code}${options.detail ? `: ${options.detail}` : ''}`, { cause: options.cause });
    this.name = 'ServiceError';
    const entry = publicError(code);
    this.code = code;
    this.status = entry.status;
    this.publicMessage = options.publicMessage ?? entry.message;
    this.detail = options.detail;
  }
}
