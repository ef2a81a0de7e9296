import type { Seeded } from './seed.ts';

/** The first app's prepaid balance: 1,000 USD. */
export const DEVELOPMENT_CREDIT_MICROS = '1000000000';

/** Gets an admin token with the admin client's secret. */
export async function adminToken(origin: string, seeded: Seeded): Promise<string> {
  const basic = Buffer.from(`${seeded.admin.clientId}:${seeded.admin.clientSecret}`);
  const response = await fetch(`${origin}/api/v1/oidc/token`, {
    method: 'POST',
    headers: { Authorization: `Basic ${basic.toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'admin' }),
  });
  if (!response.ok) throw new Error(`no admin token: HTTP ${response.status}`);
  return ((await response.json()) as { access_token: string }).access_token;
}

/** Posts an app's first credit; the same idempotency key at every start, so it is given once. */
export async function giveCredit(
  origin: string,
  token: string,
  input: { appId: string; amountMicros: string; idempotencyKey: string },
): Promise<void> {
  const response = await fetch(`${origin}/api/v1/admin/apps/${input.appId}/credits`, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${token}`,
      'Content-Type': 'application/json',
      'Idempotency-Key': input.idempotencyKey,
    },
    body: JSON.stringify({ amountMicros: input.amountMicros, reason: 'development credit' }),
  });
  if (!response.ok) throw new Error(`no credit posted: HTTP ${response.status}`);
  await response.arrayBuffer();
}
