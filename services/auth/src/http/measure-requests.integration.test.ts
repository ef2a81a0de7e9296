import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestAuth, type TestAuth } from '../testing/start-test-auth.ts';

describe('metrics of auth', () => {
  let auth: TestAuth;
  beforeAll(async () => {
    auth = await startTestAuth();
  });
  afterAll(() => auth.stop());

  it('count requests by route and status, and carry nothing that a caller chose', async () => {
    const get = (path: string) => fetch(`${auth.url}${path}`);
    await get('/api/v1/apps/app_chosen/users');
    await get('/nowhere/chosen');
    await get('/api/v1/oidc/chosen');
    await fetch(`${auth.url}/api/v1/oidc/token`, { method: 'POST' });
    const text = await auth.deps.metrics.registry.metrics();
    expect(text).toContain('auth_requests_total{route="/api/v1/apps/:appId/users",status="401"} 1');
    expect(text).toMatch(/auth_requests_total\{route="\/token",status="4\d\d"\} 1/);
    expect(text).toContain('auth_requests_total{route="other",status="404"} 2');
    expect(text).toContain('auth_queue_asks');
    expect(text).not.toContain('chosen');
  });
});
