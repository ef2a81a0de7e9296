import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../app.ts';
import { call } from '../../testing/call-auth.ts';
import { startTestAuth, type TestAuth } from '../../testing/start-test-auth.ts';
import { accountRoutes } from '../account-routes.ts';
import { interactionRoutes } from '../interaction-routes.ts';
import { bindRoutes } from './route.ts';
import { API_ROUTES } from './table.ts';

// biome-ignore lint/suspicious/noExplicitAny: the document is looked into at any depth
type Doc = any;

describe('the document of the API', () => {
  let auth: TestAuth;
  let doc: Doc;
  beforeAll(async () => {
    auth = await startTestAuth();
    doc = (await call(`${auth.url}/api/v1/openapi.json`)).body;
  });
  afterAll(() => auth.stop());

  const operations = () =>
    Object.entries<Doc>(doc.paths).flatMap(([path, methods]) =>
      Object.entries<Doc>(methods).map(([method, one]) => ({ path, method, ...one })),
    );
  const keysOf = () => operations().map(({ path, method }) => `${method.toUpperCase()} ${path}`);

  it('is valid OpenAPI 3.1', async () => {
    const result = await new Validator().validate(structuredClone(doc));
    expect(result).toMatchObject({ valid: true });
    expect(doc.openapi).toMatch(/^3\.1\./);
  });

  it('has every route of the table, and the table every route of it', () => {
    const served = bindRoutes(auth.deps, API_ROUTES).map(
      ({ method, path }) => `${method} ${path.replaceAll(/:([A-Za-z]+)/g, '{$1}')}`,
    );
    expect(keysOf().sort()).toEqual(served.sort());
    expect(new Set(served).size).toBe(served.length);
  });

  it('what is served beside the table is pages, none of it under /api', () => {
    const pages = [...interactionRoutes(auth.deps), ...accountRoutes(auth.deps)];
    expect(pages.filter(([, path]) => /^\/(api|webhooks)/.test(path))).toEqual([]);
    expect(createApp).toBeTypeOf('function');
  });

  it('every described route is served: none answers that there is no such route', async () => {
    for (const { path, method, security } of operations()) {
      const url = `${auth.url}${path.replaceAll(/\{[^}]+\}/g, 'x1')}`;
      const { status } = await call(url, { method: method.toUpperCase() });
      const isGuarded = security.length > 0;
      if (isGuarded) expect([method, path, status]).toEqual([method, path, 401]);
    }
  });

  it('every operation says what it is: unique names, a summary, answers, refusals', () => {
    const names = operations().map((one) => one.operationId);
    expect(new Set(names).size).toBe(names.length);
    for (const one of operations()) {
      expect(one.summary.length).toBeGreaterThan(5);
      expect(Object.keys(one.responses).some((status) => status.startsWith('2'))).toBe(true);
    }
  });

  it('is cached by its tag', async () => {
    const first = await call(`${auth.url}/api/v1/openapi.json`);
    const etag = first.headers.get('etag') ?? '';
    expect(first.headers.get('cache-control')).toContain('max-age');
    const again = await call(`${auth.url}/api/v1/openapi.json`, {
      headers: { 'if-none-match': etag },
    });
    expect([again.status, again.text.length]).toEqual([304, 0]);
  });

  it('the page names every route and runs no script', async () => {
    const { text, headers } = await call(`${auth.url}/docs/api`);
    for (const { path } of operations()) expect(text).toContain(path);
    expect(text).not.toContain('<script');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
  });

  it('a list is read to its end by its pages', async () => {
    const as = auth.seed.machine;
    const users = `${auth.url}/api/v1/apps/${auth.seed.app.id}/users`;
    const seen: string[] = [];
    let after = '';
    do {
      const { body } = await call(`${users}?limit=1${after && `&after=${after}`}`, { as });
      seen.push(...body.users.map((user: { externalUserId: string }) => user.externalUserId));
      after = body.next?.after ?? '';
    } while (after !== '');
    expect(seen.sort()).toEqual(['alice', 'bob']);
    expect((await call(`${users}?limit=100000`, { as })).status).toBe(400);
  });

  it('a page stays as it is while rows are added; what is no cursor is refused', async () => {
    const as = auth.seed.admin;
    const add = (name: string) =>
      call(`${auth.url}/api/v1/admin/apps`, {
        as,
        json: { name },
        headers: { 'idempotency-key': name },
      });
    await add('page-1');
    const list = (query: string) => call(`${auth.url}/api/v1/admin/apps?${query}`, { as });
    const { body: first } = await list('limit=1');
    const { body: second } = await list(`limit=1&after=${first.next.after}`);
    await add('page-2');
    expect((await list(`limit=1&after=${first.next.after}`)).body).toEqual(second);
    for (const { path, method, ...one } of operations()) {
      const after = one.parameters.find(({ name }: { name: string }) => name === 'after');
      if (method !== 'get' || !after || one['x-access'].who === 'person') continue;
      const url = `${auth.url}${path.replaceAll('{appId}', auth.seed.app.id)}`;
      const { status, body } = await call(`${url}?after=%27--`, { as });
      expect([path, status, body.code]).toEqual([path, 400, 'invalid_request']);
    }
  });

  it('the same creation twice with one Idempotency-Key is one', async () => {
    const as = auth.seed.machine;
    const url = `${auth.url}/api/v1/apps/${auth.seed.app.id}/keys`;
    const ask = () => call(url, { as, json: {}, headers: { 'idempotency-key': 'k-1' } });
    const answers = [await ask(), await ask()];
    expect(answers.map(({ status }) => status)).toEqual([201, 409]);
  });

  it('ended sessions are over: the refresh token gets nothing more', async () => {
    const as = auth.seed.machine;
    const user = `${auth.url}/api/v1/apps/${auth.seed.app.id}/users/alice`;
    const { body } = await call(`${user}/token`, { as, json: {} });
    await call(`${user}/end-sessions`, { method: 'POST', as });
    const form = { grant_type: 'refresh_token', refresh_token: body.refresh_token };
    const { status } = await call(`${auth.url}/api/v1/oidc/token`, { as, form });
    expect(status).toBe(400);
  });
});
