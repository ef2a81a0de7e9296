import { createAccount } from '../accounts/create-account.ts';
import { hashPassword } from '../accounts/hash-password.ts';
import { changeIdentity } from '../identity/change-identity.ts';
import {
  ALICE,
  authorizationUrl,
  Browser,
  csrfOf,
  interactionOf,
  REDIRECT,
  type Visit,
} from './browser.ts';
import { setClientMetadata } from './set-client-metadata.ts';
import { startTestAuth, type TestAuth } from './start-test-auth.ts';

/** An installation whose first app signs people in, and one person with a password. */
export type PeopleAuth = TestAuth & { readonly aliceId: string };

/** Starts it. */
export async function startPeopleAuth(
  env: Record<string, string> = {},
  redirectUris: readonly string[] = [REDIRECT],
  host: '127.0.0.1' | 'localhost' = '127.0.0.1',
): Promise<PeopleAuth> {
  const auth = await startTestAuth({ SIGN_UP: 'open', ...env }, host);
  await setClientMetadata([auth], auth.seed.publicClientId, { redirect_uris: redirectUris });
  const aliceId = await addPerson(auth, ALICE);
  return { ...auth, aliceId };
}

/** Makes a person with a password. @returns the account's id. */
export async function addPerson(
  auth: TestAuth,
  person: { email: string; password?: string },
): Promise<string> {
  const { email, password } = person;
  const passwordHash = password === undefined ? null : await hashPassword(password);
  const made = await changeIdentity(auth.deps, (tx) =>
    createAccount({ tx }, { email, isEmailVerified: true, passwordHash }),
  );
  if (!made.ok) throw new Error(made.code);
  return made.value.id;
}

/** A browser at the page that asks who somebody is. */
export async function atLogin(
  auth: TestAuth,
  params: Record<string, string> = {},
  browser = new Browser(auth.url),
): Promise<{ browser: Browser; page: Visit; base: string; csrf: string }> {
  const page = await browser.get(authorizationUrl(auth, params).url);
  return { browser, page, base: interactionOf(page), csrf: csrfOf(page) };
}

/** A browser at its own account. */
export async function atAccount(
  auth: TestAuth,
  person: { email: string; password: string } = ALICE,
  browser = new Browser(auth.url),
): Promise<{ browser: Browser; page: Visit; csrf: string }> {
  const login = await browser.get('/account');
  const page = await browser.post(`${interactionOf(login)}/password`, {
    csrf: csrfOf(login),
    email: person.email,
    password: person.password,
    remember: 'yes',
  });
  return { browser, page, csrf: csrfOf(page) };
}

/** A person with a password, and a browser at their account. */
export async function newPersonAtAccount(
  auth: TestAuth,
  person: { email: string; password: string },
) {
  const accountId = await addPerson(auth, person);
  return { email: person.email, accountId, ...(await atAccount(auth, person)) };
}

/** Allows what a consent page asks for, when there is one. @returns where the app gets its code. */
export async function allow(browser: Browser, visit: Visit): Promise<URL | undefined> {
  if (visit.left) return visit.left;
  const csrf = csrfOf(visit);
  return (await browser.post(`${interactionOf(visit)}/consent`, { csrf })).left;
}
