import { join } from 'node:path';
import type { StartedProcess } from '@clearinghouse/embedded';
import type { DevSecrets } from './keep-secrets.ts';
import {
  authEnv,
  billingEnv,
  type ServiceEnvOptions,
  type StackUrls,
  signerEnv,
} from './service-env.ts';
import { type ServiceKind, startService } from './start-service.ts';

/** One stack of services over servers that run already. */
export type ServicesOptions = {
  readonly root: string;
  readonly dataDir: string;
  readonly urls: StackUrls;
  readonly secrets: DevSecrets;
  readonly keystoreFile: string;
  /** Extra environment per service, e.g. shorter intervals in drills. */
  readonly extra?: Readonly<Partial<Record<ServiceKind, Record<string, string>>>>;
};

const ENVS = { auth: authEnv, billing: billingEnv, signer: signerEnv } as const;

/** The environment of one process: the same for a first replica, a second, and a seed. */
export function environmentOf(
  kind: ServiceKind,
  options: ServicesOptions,
  process: { name: string; port: number },
): Record<string, string> {
  const extra = options.extra?.[kind];
  const input: ServiceEnvOptions = {
    urls: options.urls,
    secrets: options.secrets,
    journalDir: join(options.dataDir, 'journal'),
    keystoreFile: options.keystoreFile,
    port: process.port,
    replica: process.name,
    ...(extra === undefined ? {} : { extra }),
  };
  return ENVS[kind](input);
}

/** Starts one more process of a service. */
export function startReplica(
  kind: ServiceKind,
  options: ServicesOptions,
  replica: { name: string; port: number },
): Promise<StartedProcess> {
  return startService({
    kind,
    name: replica.name,
    root: options.root,
    dataDir: options.dataDir,
    port: replica.port,
    env: environmentOf(kind, options, replica),
  });
}
