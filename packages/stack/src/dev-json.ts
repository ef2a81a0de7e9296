import { join } from 'node:path';
import { writePrivate } from './keep-secrets.ts';

/** What `.data/dev.json` tells tools about a running stack. */
export type DevJson = {
  readonly issuer: string;
  readonly origin: string;
  readonly signerUrl: string;
  readonly billingUrl: string;
  readonly rpcUrl: string;
  readonly contracts: Readonly<Record<string, string>>;
  readonly signerAddress: string;
  readonly app: {
    readonly id: string;
    readonly m2mClientId: string;
    readonly m2mClientSecret: string;
  };
  readonly admin: { readonly clientId: string; readonly clientSecret: string };
  /** How to get an admin token: they live for minutes only. */
  readonly adminToken: string;
  readonly apiKey: string;
  readonly users: readonly { readonly externalUserId: string }[];
  /** Key of a registered orchestrator on the development chain, for the demo. */
  readonly orchestratorKey?: string;
};

/** Writes `.data/dev.json`, readable by its owner only. */
export function writeDevJson(dataDir: string, dev: DevJson): string {
  const path = join(dataDir, 'dev.json');
  writePrivate(path, `${JSON.stringify(dev, null, 2)}\n`);
  return path;
}
