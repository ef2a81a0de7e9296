import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Logger, ServiceError } from '@clearinghouse/shared';
import { createTransport } from 'nodemailer';
import type { Mail, SendMail } from './send-mail.ts';

export type MailOptions = {
  readonly smtpUrl: string | undefined;
  readonly mailDir: string | undefined;
  readonly mailFrom: string | undefined;
  /** Where this installation is; the sender's host unless one is given. */
  readonly origin: string;
};

/** How mail leaves this process, whether it can, and how to close it. */
export type MailRoute = {
  readonly send: SendMail;
  readonly isConfigured: boolean;
  readonly stop: () => Promise<void>;
};

const SMTP_TIMEOUT_MS = 10_000;
const SMTP_CONNECTIONS_MAX = 2;
/** Mails hold links that sign people in: only their owner may read the files. */
const MAIL_FILE_MODE = 0o600;
const MAIL_FOLDER_MODE = 0o700;

/**
 * Opens the way of mail: SMTP, or files in a folder for development, or none.
 */
export function openMail(options: MailOptions, deps: { log: Logger }): MailRoute {
  const { smtpUrl, mailDir, origin } = options;
  const from = options.mailFrom ?? `no-reply@${new URL(origin).hostname}`;
  if (smtpUrl !== undefined) return openSmtp(smtpUrl, from);
  if (mailDir !== undefined) {
    const send = (mail: Mail) => writeMail(mailDir, from, mail, deps.log);
    return { send, isConfigured: true, stop: async () => undefined };
  }
  const refuse = async () => {
    throw new ServiceError('mail_not_configured');
  };
  return { send: refuse, isConfigured: false, stop: async () => undefined };
}

function openSmtp(url: string, from: string): MailRoute {
  const transport = createTransport({
    url,
    pool: true,
    maxConnections: SMTP_CONNECTIONS_MAX,
    connectionTimeout: SMTP_TIMEOUT_MS,
    greetingTimeout: SMTP_TIMEOUT_MS,
    socketTimeout: SMTP_TIMEOUT_MS,
    // Nothing of a mail may be read from a file or an address.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    send: async (mail) => {
      await transport.sendMail({ from, ...mail });
    },
    isConfigured: true,
    stop: async () => transport.close(),
  };
}

async function writeMail(folder: string, from: string, mail: Mail, log: Logger): Promise<void> {
  await mkdir(folder, { recursive: true, mode: MAIL_FOLDER_MODE });
  const name = `${new Date().toISOString().replaceAll(':', '-')}-${randomBytes(4).toString('hex')}`;
  const path = join(folder, `${name}.txt`);
  const head = [`From: ${from}`, `To: ${mail.to}`, `Subject: ${mail.subject}`];
  await writeFile(path, `${head.join('\n')}\n\n${mail.text}\n`, { mode: MAIL_FILE_MODE });
  log.info({ path }, 'mail written to a file');
}
