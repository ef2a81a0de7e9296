import type { DevJson } from './dev-json.ts';

/** The table that ends a start: origins, credentials, and what to do next. */
export function describeStack(dev: DevJson, path: string, queue: string): string {
  const rows: [string, string][] = [
    ['issuer', dev.issuer],
    ['auth', dev.origin],
    ['signer', dev.signerUrl],
    ['billing', `${dev.billingUrl} (behind auth)`],
    ['chain', dev.rpcUrl],
    ['queue', queue],
    ['signer account', dev.signerAddress],
    ['app', dev.app.id],
    ['machine client', `${dev.app.m2mClientId}  ${dev.app.m2mClientSecret}`],
    ['admin client', `${dev.admin.clientId}  ${dev.admin.clientSecret}`],
    ['API key', dev.apiKey],
    ['users', dev.users.map((user) => user.externalUserId).join(', ')],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const table = rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`).join('\n');
  return `
${table}

  The same stands in ${path}

  go-livepeer gateway:
    LP_REMOTESIGNERURL=${dev.signerUrl}
    LP_REMOTESIGNERHEADERS=Authorization:Bearer ${dev.apiKey}

  Next, in a second terminal:  npm run demo
  Ctrl-C stops everything; the data stays.
`;
}
