import { describe, expect, it } from 'vitest';
import { machineRequestBytes, readMachineRequest } from './read-machine-request.ts';

const ID = `m2m_${'0a'.repeat(12)}`;
const SECRET = 'lp_cs_abcdefghijklmnopqrstuvwxyz012345';
const at = { path: '/api/v1/oidc/token', hosts: new Set(['auth.example']) };
const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`;

const headers = {
  host: 'auth.example',
  authorization: basic(`${ID}:${SECRET}`),
  'content-type': 'application/x-www-form-urlencoded',
  'content-length': '47',
};
const BODY = 'grant_type=client_credentials&scope=sign%3Ajob';

describe('which requests may be answered directly, by their headers', () => {
  const request = { method: 'POST', url: at.path, headers };
  const bytes = (change: object) => machineRequestBytes({ ...request, ...change }, at);
  const withHeader = (name: string, value: string | undefined) =>
    bytes({ headers: { ...headers, [name]: value } });

  it('the ordinary one, and by how many bytes its body has', () => {
    expect(bytes({})).toBe(47);
    const charset = 'application/x-www-form-urlencoded; charset=UTF-8';
    expect(withHeader('content-type', charset)).toBe(47);
  });

  it.each([
    ['another method', { method: 'PUT' }],
    ['a query', { url: `${at.path}?x=1` }],
    ['an absolute target', { url: `http://auth.example${at.path}` }],
    ['another path', { url: '/api/v1/oidc/token/introspection' }],
  ])('not %s', (_name, change) => {
    expect(bytes(change)).toBe(0);
  });

  it.each([
    ['host', 'evil.example'],
    ['host', undefined],
    ['authorization', undefined],
    ['content-type', 'application/json'],
    ['content-type', 'application/x-www-form-urlencoded; charset=utf-16'],
    ['content-length', undefined],
    ['content-length', '0'],
    ['content-length', '1025'],
    ['content-length', 'many'],
    ['origin', 'https://app.example'],
    ['dpop', 'proof'],
    ['content-encoding', 'gzip'],
    ['transfer-encoding', 'chunked'],
    ['expect', '100-continue'],
  ])('not with the header %s: %s', (name, value) => {
    expect(withHeader(name, value)).toBe(0);
  });
});

describe('what is read of such a request', () => {
  const read = (body: string, authorization = headers.authorization) =>
    readMachineRequest({ authorization }, body);

  it('who asks for what, for whom', () => {
    const targets = 'resource=https%3A%2F%2Fa.example&audience=https://b.example';
    expect(read(`${BODY}&${targets}`)).toEqual({
      clientId: ID,
      secret: SECRET,
      scope: 'sign:job',
      targets: ['https://a.example', 'https://b.example'],
    });
    expect(read('scope=users:read+usage%3Aread&grant_type=client_credentials')).toMatchObject({
      scope: 'users:read usage:read',
    });
  });

  it.each([
    ['no grant type', 'scope=sign:job'],
    ['another grant type', 'grant_type=refresh_token&scope=sign:job'],
    ['no scope', 'grant_type=client_credentials'],
    ['an empty scope', 'grant_type=client_credentials&scope='],
    ['a name without a value', `${BODY}&scope`],
    ['a name twice', `${BODY}&scope=sign:job`],
    ['two values', `${BODY}=x`],
    ['a parameter of another request', `${BODY}&external_user_id=alice`],
    ['credentials in the body', `${BODY}&client_id=${ID}`],
    ['an encoded name', BODY.replace('scope', 'scop%65')],
    ['half an escape', `${BODY}%`],
    ['bytes that are no UTF-8', `${BODY}%ff`],
    ['a character to be surprised at', `${BODY};x`],
    ['nothing', ''],
  ])('nothing of a form with %s', (_name, body) => {
    expect(read(body)).toBeUndefined();
  });

  it.each([
    ['another scheme', `Bearer ${SECRET}`],
    ['the scheme in small letters', headers.authorization.replace('Basic', 'basic')],
    ['a space too much', headers.authorization.replace(' ', '  ')],
    ['an escape in the secret', basic(`${ID}:${SECRET}%41`)],
    ['a plus', basic(`${ID}:${SECRET}+`)],
    ['an app’s public id', basic(`app_${'0a'.repeat(12)}:${SECRET}`)],
    ['no secret', basic(`${ID}:`)],
    ['no colon', basic(ID)],
    ['a line end behind it', basic(`${ID}:${SECRET}\n`)],
    ['nothing', ''],
  ])('nothing with %s in place of its credentials', (_name, authorization) => {
    expect(read(BODY, authorization)).toBeUndefined();
  });
});
