import { readConfig } from '../../services/auth/src/config.ts';
import { createDeps } from '../../services/auth/src/deps.ts';

// Tokens of a person for a client, made with the issuer's own models over its own database, as a
// sign-in would leave them. Started with auth's environment: `issue-tokens.ts CLIENT USER COUNT`.
// Prints one line of JSON.

const [clientId = '', externalUserId = '', count = '1'] = process.argv.slice(2);
const deps = await createDeps({ ...readConfig(), ownerUrl: undefined });
const provider = deps.issuerParts.provider();
const client = await provider.Client.find(clientId);
if (!client) throw new Error('no such client');
const [user] = await deps.db<{ id: string }[]>`
  select u.id from auth.app_users u join auth.clients c on c.app_id = u.app_id
  where c.id = ${clientId} and u.external_user_id = ${externalUserId}`;
if (!user) throw new Error('no such user');

const refreshTokens: string[] = [];
let opaque = '';
for (let index = 0; index < Number(count); index += 1) {
  const grant = new provider.Grant({ accountId: user.id, clientId });
  grant.addOIDCScope('openid offline_access');
  const given = {
    accountId: user.id,
    client,
    grantId: await grant.save(),
    gty: 'authorization_code',
    scope: 'openid offline_access',
  };
  refreshTokens.push(await new provider.RefreshToken(given as never).save());
  opaque ||= await new provider.AccessToken({ ...given, scope: 'openid' } as never).save();
}
process.stdout.write(`${JSON.stringify({ refreshTokens, opaque })}\n`);
for (const { stop } of deps.stopSteps) await stop();
