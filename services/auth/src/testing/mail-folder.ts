import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor } from '@clearinghouse/testing';

/** A folder that mails are written to (MAIL_DIR). */
export type MailFolder = {
  readonly path: string;
  /** Waits for the next mail to an address and takes it away. */
  readonly take: (to: string) => Promise<string>;
  readonly count: () => Promise<number>;
  readonly remove: () => Promise<void>;
};

/** Makes one. */
export async function makeMailFolder(): Promise<MailFolder> {
  const path = await mkdtemp(join(tmpdir(), 'mail-'));
  const find = async (to: string) => {
    for (const name of (await readdir(path)).sort()) {
      const text = await readFile(join(path, name), 'utf8');
      if (text.includes(`To: ${to}\n`)) return { name, text };
    }
    return undefined;
  };
  return {
    path,
    take: async (to) => {
      await waitFor(async () => (await find(to)) !== undefined);
      const mail = await find(to);
      if (!mail) throw new Error('the mail is gone again');
      await rm(join(path, mail.name));
      return mail.text;
    },
    count: async () => (await readdir(path)).length,
    remove: () => rm(path, { recursive: true, force: true }),
  };
}

/** The path of the link in a mail. */
export function linkIn(mail: string): string {
  return /https?:\/\/[^/\s]+(\/account\/mail\?token=\S+)/.exec(mail)?.[1] ?? '';
}
