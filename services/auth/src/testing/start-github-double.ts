import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Whom GitHub says a token is for. */
export type GithubUser = {
  id: number;
  login: string;
  name: string | null;
  emails: { email: string; primary: boolean; verified: boolean }[];
};

export type GithubDouble = {
  readonly url: string;
  readonly user: GithubUser;
  readonly stop: () => Promise<void>;
};

/**
 * A stand-in for GitHub's OAuth and API: no ID token, a code used once, PKCE compared, errors in
 * answers of status 200.
 */
export async function startGithubDouble(user: GithubUser): Promise<GithubDouble> {
  const codes = new Map<string, { challenge: string; redirectUri: string }>();
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://double');
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const json = (value: unknown, status = 200) => {
      response.statusCode = status;
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(value));
    };
    if (url.pathname === '/login/oauth/authorize') {
      const code = `code${codes.size}`;
      const redirectUri = url.searchParams.get('redirect_uri') ?? '';
      codes.set(code, { challenge: url.searchParams.get('code_challenge') ?? '', redirectUri });
      const back = new URL(redirectUri);
      back.searchParams.set('code', code);
      back.searchParams.set('state', url.searchParams.get('state') ?? '');
      response.statusCode = 302;
      response.setHeader('location', back.href);
      return response.end();
    }
    if (url.pathname === '/login/oauth/access_token') {
      const form = new URLSearchParams(body);
      const kept = codes.get(form.get('code') ?? '');
      codes.delete(form.get('code') ?? '');
      const hash = createHash('sha256')
        .update(form.get('code_verifier') ?? '')
        .digest('base64url');
      const isGood = kept?.challenge === hash && form.get('client_secret') === 'github-secret';
      if (!isGood) return json({ error: 'bad_verification_code' });
      return json({ access_token: 'gho_test', token_type: 'bearer', scope: 'user:email' });
    }
    if (request.headers.authorization !== 'Bearer gho_test') return json({}, 401);
    if (url.pathname === '/user') return json({ id: user.id, login: user.login, name: user.name });
    if (url.pathname === '/user/emails') return json(user.emails);
    return json({}, 404);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    user,
    stop: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
