import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../app.ts';
import { type Answer, call } from '../../testing/call-auth.ts';
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
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  (formats as unknown as (on: Ajv2020) => void)(ajv);
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

  /** Holds an answer to the schema that the document gives for it. */
  const held = (name: string, answer: Answer): Answer => {
    const one = operations().find((candidate) => candidate['x-name'] === name);
    const schema = one?.responses[answer.status]?.content?.['application/json']?.schema;
    expect({ name, status: answer.status, described: schema !== undefined }).toMatchObject({
      described: true,
    });
    const check = ajv.compile({ ...schema, components: doc.components });
    const isHeld = check(answer.body);
    expect({ name, isHeld, errors: check.errors }).toEqual({ name, isHeld: true, errors: null });
    return answer;
  };

  describe('real answers are what it says', () => {
    let made: Answer;
    const at = (path: string) => `${auth.url}/api/v1${path}`;
    const setUp = () => {
      const { id } = made.body.app;
      return { as: auth.seed.admin, admin: `/admin/apps/${id}`, app: `/apps/${id}` };
    };
    beforeAll(async () => {
      const headers = { 'idempotency-key': 'walk-1' };
      made = await call(at('/admin/apps'), {
        as: auth.seed.admin,
        json: { name: 'Walk' },
        headers,
      });
    });

    it('of apps and clients', async () => {
      const { as, admin, app } = setUp();
      held('app create', made);
      held('app list', await call(at('/admin/apps?limit=1'), { as }));
      held('app show', await call(at(admin), { as }));
      held('own-app show', await call(at(app), { as }));
      held('app change', await call(at(admin), { method: 'PATCH', as, json: { name: 'Walked' } }));
      const json = { status: 'active' };
      held('app set-status', await call(at(`${admin}/status`), { method: 'PUT', as, json }));
      const web = { name: 'Shop', metadata: { redirect_uris: ['https://shop.example/cb'] } };
      const client = held('client create', await call(at(`${app}/clients`), { as, json: web }));
      const { clientId } = client.body;
      held('client list', await call(at(`${app}/clients`), { as }));
      held(
        'client change',
        await call(at(`${app}/clients/${clientId}`), { method: 'PATCH', as, json: { name: 'S' } }),
      );
      const secret = `${app}/clients/${clientId}/secret`;
      held('client rotate-secret', await call(at(secret), { as, json: {} }));
      held('signer show', await call(at(`${app}/signer/routing`), { as }));
      held('client revoke', await call(at(`${app}/clients/${clientId}`), { method: 'DELETE', as }));
    });

    it('of users', async () => {
      const { as, app } = setUp();
      const user = { externalUserId: 'carol' };
      held('user upsert', await call(at(`${app}/users`), { as, json: user }));
      held('user list', await call(at(`${app}/users`), { as }));
      held('user show', await call(at(`${app}/users/carol`), { as }));
      held(
        'user change',
        await call(at(`${app}/users`), { method: 'PUT', as, json: { ...user, status: 'active' } }),
      );
      held(
        'user token',
        await call(at(`${app}/users/carol/token`), { as: made.body.machine, json: {} }),
      );
      held(
        'user end-sessions',
        await call(at(`${app}/users/carol/end-sessions`), { method: 'POST', as }),
      );
      held(
        'user delete',
        await call(at(`${app}/users?externalUserId=carol`), { method: 'DELETE', as }),
      );
      held('user show', { ...(await call(at(`${app}/users/nobody`), { as })) });
    });

    it('of keys', async () => {
      const { as, app } = setUp();
      const key = held('key create', await call(at(`${app}/keys`), { as, json: { name: 'K' } }));
      held('key list', await call(at(`${app}/keys`), { as }));
      held('key show', await call(at(`${app}/keys/${key.body.id}`), { as }));
      const exchanged = await call(`${auth.url}/api/pymthouse/keys/exchange`, {
        json: { apiKey: key.body.key },
      });
      held('token exchange-key', exchanged);
      held('key rotate', await call(at(`${app}/keys/${key.body.id}/rotate`), { as, json: {} }));
      held('key revoke', await call(at(`${app}/keys/${key.body.id}`), { method: 'DELETE', as }));
      held('key revoke-all', await call(at(`${app}/keys/revoke-all`), { as, json: {} }));
    });

    it('of the installation', async () => {
      const { as, admin, app } = setUp();
      held('own-audit list', await call(at(`${app}/audit`), { as }));
      held('audit list', await call(at('/admin/audit'), { as }));
      held('audit prove', await call(at('/admin/audit/proof'), { as }));
      held('signing-key list', await call(at('/admin/signing-keys'), { as }));
      held(
        'signing-key rotate',
        await call(at('/admin/signing-keys/rotate'), {
          as,
          json: { alg: 'ES256', isCompromised: true },
        }),
      );
      const trust = {
        issuer: 'https://idp.example',
        jwksUri: 'https://idp.example/jwks',
        audience: 'clearinghouse',
      };
      const issuers = `${admin}/external-issuers`;
      const added = held('issuer add', await call(at(issuers), { as, json: trust }));
      held('issuer list', await call(at(issuers), { as }));
      held(
        'issuer remove',
        await call(at(`${issuers}/${added.body.id}`), { method: 'DELETE', as }),
      );
      held('check report-leak', await call(at('/keys/report'), { json: { key: 'lp_sk_x' } }));
    });
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
