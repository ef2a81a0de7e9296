import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fillForm, findForm, linkTo } from '../agent/page-forms.ts';
import { UserAgent } from '../agent/user-agent.ts';

/** Somebody with an account. */
export type Person = { readonly email: string; readonly password: string };

const PERSON: Person = { email: 'ada@example.org', password: 'correct horse battery' };
const NAME = 'Ada Lovelace';
const MAIL_TRIES = 100;
const MAIL_TRY_MS = 50;

/** Makes an account as people do: by a link that comes by mail, here into a folder. */
export async function signUp(origin: string, mailFolder: string): Promise<Person> {
  const agent = new UserAgent();
  const login = await agent.get(`${origin}/account`);
  const page = await agent.get(linkTo(login, '/sign-up'));
  await agent.submit(fillForm(findForm(page, '/sign-up'), { email: PERSON.email }));
  const mail = await agent.get(await linkFromMail(mailFolder));
  const chosen = { name: NAME, password: PERSON.password };
  const done = await agent.submit(fillForm(findForm(mail, '/account/mail'), chosen));
  if (!done.text.includes('Your account is ready')) throw new Error('no account was made');
  return PERSON;
}

async function linkFromMail(folder: string): Promise<string> {
  for (let tries = 0; tries < MAIL_TRIES; tries += 1) {
    for (const name of await readdir(folder)) {
      const text = await readFile(join(folder, name), 'utf8');
      const [link] = /https?:\/\/\S+\/account\/mail\?token=\S+/.exec(text) ?? [];
      if (link !== undefined) return link;
    }
    await sleep(MAIL_TRY_MS);
  }
  throw new Error('no mail came');
}
