import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { peopleConfigOf, peopleShape } from './people.ts';

const read = (env: Record<string, string>) =>
  peopleConfigOf(z.object(peopleShape).parse(env) as never);

describe('configuration of people', () => {
  it('is safe when nothing is set: nobody makes an account, nothing is sent', () => {
    const config = read({});
    expect(config.signUp).toBe('closed');
    expect([config.smtpUrl, config.mailDir, config.siweRpcUrl]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect([config.upstreamProviders, config.logoOrigins]).toEqual([[], []]);
  });

  it('knows what Google and GitHub need, and takes secrets from files', () => {
    const folder = mkdtempSync(join(tmpdir(), 'secret-'));
    const clientSecretFile = join(folder, 'github');
    writeFileSync(clientSecretFile, 'from a file\n');
    const providers = [
      { id: 'google', kind: 'google', clientId: 'g', clientSecret: 's' },
      { id: 'github', kind: 'github', clientId: 'h', clientSecretFile },
      { id: 'work', issuer: 'https://id.example/', clientId: 'w', name: 'Work' },
    ];
    const [google, github, work] = read({
      UPSTREAM_PROVIDERS: JSON.stringify(providers),
    }).upstreamProviders;
    expect(google).toMatchObject({ name: 'Google', issuer: 'https://accounts.google.com' });
    expect(github).toMatchObject({ clientSecret: 'from a file', apiUrl: 'https://api.github.com' });
    expect(work).toMatchObject({ name: 'Work', issuer: 'https://id.example', kind: 'oidc' });
    rmSync(folder, { recursive: true });
  });

  it.each([
    ['an unknown policy', { SIGN_UP: 'yes' }],
    ['an unknown way', { SIGN_IN_METHODS: 'password,magic' }],
    ['no way at all', { SIGN_IN_METHODS: ' , ' }],
    ['mail by http', { SMTP_URL: 'http://mail.example' }],
    ['providers that are no JSON', { UPSTREAM_PROVIDERS: 'google' }],
    ['a provider without an issuer', { UPSTREAM_PROVIDERS: '[{"id":"a","clientId":"b"}]' }],
    [
      'the same id twice',
      {
        UPSTREAM_PROVIDERS:
          '[{"id":"a","kind":"google","clientId":"b"},{"id":"a","kind":"github","clientId":"c"}]',
      },
    ],
    [
      'an id that is no part of a path',
      { UPSTREAM_PROVIDERS: '[{"id":"../a","kind":"google","clientId":"b"}]' },
    ],
    [
      'two secrets',
      {
        UPSTREAM_PROVIDERS:
          '[{"id":"a","kind":"google","clientId":"b","clientSecret":"c","clientSecretFile":"d"}]',
      },
    ],
    ['a logo origin that is no URL', { LOGO_ORIGINS: 'cdn' }],
  ])('refuses %s', (_name, env) => {
    expect(() => read(env as unknown as Record<string, string>)).toThrow();
  });
});
