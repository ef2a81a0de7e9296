import { z } from 'zod';
import type { UpstreamPerson } from './upstream.ts';

const TIMEOUT_MS = 8_000;

const userSchema = z.object({
  id: z.number().int().positive(),
  login: z.string().max(100),
  name: z.string().max(200).nullish(),
});
const emailsSchema = z
  .array(z.object({ email: z.string().max(320), primary: z.boolean(), verified: z.boolean() }))
  .max(1_000);

/**
 * Reads whom a token of GitHub is for. The number stays when the login changes hands. The
 * address is the primary one that GitHub has verified; the one in the profile is only text.
 *
 * @throws Error when the API does not answer, or otherwise than documented.
 */
export async function readGithubPerson(apiUrl: string, token: string): Promise<UpstreamPerson> {
  const user = userSchema.parse(await get(`${apiUrl}/user`, token));
  const emails = emailsSchema.parse(await get(`${apiUrl}/user/emails`, token));
  const primary = emails.find((entry) => entry.primary && entry.verified);
  return {
    subject: String(user.id),
    email: primary?.email ?? null,
    isEmailVerified: primary !== undefined,
    name: user.name ?? null,
    handle: user.login,
  };
}

async function get(url: string, token: string): Promise<unknown> {
  const response = await fetch(url, {
    headers: {
      accept: 'application/vnd.github+json',
      authorization: `Bearer ${token}`,
      'user-agent': 'clearinghouse',
    },
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) throw new Error(`the API of GitHub answered ${response.status}`);
  return response.json();
}
