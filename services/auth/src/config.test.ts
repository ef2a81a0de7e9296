import { ConfigError } from '@clearinghouse/shared';
import { describe, expect, it } from 'vitest';
import { isLoopback, readBaseConfig, readConfig } from './config.ts';

const env = {
  ORIGIN: 'https://auth.example.com',
  DATABASE_URL: 'postgres://auth_app@db/clearinghouse',
  REDIS_URL: 'redis://redis',
  QUEUE_KEY_SIGNER_TO_AUTH: `k1:${'a'.repeat(64)}`,
  QUEUE_KEY_AUTH_TO_SIGNER: `k1:${'b'.repeat(64)}`,
  QUEUE_KEY_AUTH_TO_BILLING: `k1:${'c'.repeat(64)}`,
  KEY_ENCRYPTION_KEY: '1'.repeat(64),
  API_KEY_PEPPER: `1:${'2'.repeat(64)}`,
  COOKIE_KEYS: `${'3'.repeat(64)},${'4'.repeat(64)}`,
  BILLING_INTERNAL_URL: 'http://billing:4001',
  SIGNER_PUBLIC_URL: 'https://signer.example.com',
};

function faultsOf(changed: Record<string, string | undefined>): readonly string[] {
  try {
    readConfig({ ...env, ...changed });
    return [];
  } catch (error) {
    return error instanceof ConfigError ? error.faults : [String(error)];
  }
}

describe('configuration of auth', () => {
  it('derives issuer and audience from the origin', () => {
    expect(readConfig(env)).toMatchObject({
      issuer: 'https://auth.example.com/api/v1/oidc',
      managementAudience: 'https://auth.example.com/api/v1',
      port: 4000,
      internalOrigins: [],
      trustedHops: 0,
    });
  });

  it('takes ISSUER instead', () => {
    const { ORIGIN: _origin, ...rest } = env;
    const config = readConfig({ ...rest, ISSUER: 'https://a.example/api/v1/oidc' });
    expect(config.origin).toBe('https://a.example');
  });

  it.each([
    ['plain http elsewhere', { ORIGIN: 'http://auth.example.com' }, 'ORIGIN'],
    ['a path', { ORIGIN: 'https://auth.example.com/x' }, 'ORIGIN'],
    ['another issuer path', { ISSUER: 'https://auth.example.com/oidc' }, 'ISSUER'],
    ['a trailing slash', { ISSUER: 'https://auth.example.com/api/v1/oidc/' }, 'ISSUER'],
    ['issuer elsewhere', { ISSUER: 'https://b.example/api/v1/oidc' }, 'ISSUER'],
    ['no queue', { REDIS_URL: undefined }, 'REDIS_URL'],
    ['one cookie key', { COOKIE_KEYS: '3'.repeat(64) }, 'COOKIE_KEYS'],
    ['short cookie keys', { COOKIE_KEYS: 'a,b' }, 'COOKIE_KEYS'],
    ['a short key encryption key', { KEY_ENCRYPTION_KEY: '11' }, 'KEY_ENCRYPTION_KEY'],
    ['a bad pepper', { API_KEY_PEPPER: 'x' }, 'API_KEY_PEPPER'],
    ['a bad queue key', { QUEUE_KEY_AUTH_TO_SIGNER: 'x' }, 'QUEUE_KEY_AUTH_TO_SIGNER'],
    ['a bad internal origin', { INTERNAL_ORIGINS: 'auth:4000/x' }, 'INTERNAL_ORIGINS'],
  ])('refuses %s and names the variable, not its value', (_name, changed, variable) => {
    const faults = faultsOf(changed);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(new RegExp(`^${variable}`));
  });

  it('refuses the Postgres queue for an issuer that others reach', () => {
    const changed = { REDIS_URL: undefined, QUEUE_DATABASE_URL: 'postgres://q' };
    expect(faultsOf(changed)[0]).toContain('REDIS_URL');
    expect(faultsOf({ ...changed, ORIGIN: 'http://127.0.0.1:4000' })).toEqual([]);
  });

  it('allows plain http elsewhere only when it is asked for by its dangerous name', () => {
    const changed = { ORIGIN: 'http://a.test', DANGEROUSLY_ALLOW_HTTP_ISSUER: '1' };
    expect(faultsOf(changed)).toEqual([]);
  });

  it('needs nothing of the service for a command', () => {
    const { ORIGIN, DATABASE_URL, KEY_ENCRYPTION_KEY, API_KEY_PEPPER } = env;
    const config = readBaseConfig({ ORIGIN, DATABASE_URL, KEY_ENCRYPTION_KEY, API_KEY_PEPPER });
    expect(config.origin).toBe(ORIGIN);
  });

  it.each([
    ['localhost', true],
    ['127.0.0.1', true],
    ['127.1.2.3', true],
    ['[::1]', true],
    ['127.0.0.1.example.com', false],
    ['localhost.example.com', false],
    ['10.0.0.1', false],
    ['0.0.0.0', false],
  ])('loopback: %s is %s', (host, expected) => {
    expect(isLoopback(host)).toBe(expected);
  });
});
