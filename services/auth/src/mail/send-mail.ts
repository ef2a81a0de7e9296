/** One mail to one person. `html` is for programs that show it; `text` says the same. */
export type Mail = {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
};

/**
 * Sends a mail.
 *
 * @throws ServiceError `mail_not_configured` when there is no way to send one.
 */
export type SendMail = (mail: Mail) => Promise<void>;
