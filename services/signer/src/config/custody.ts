import { addressEnv } from '@clearinghouse/shared';
import { z } from 'zod';
import type { Web3SignerCustodyOptions } from '../custody/open-web3signer-custody.ts';
import type { LocalCustodyOptions } from '../keystore/open-local-custody.ts';

const ADDRESSES_MAX = 16;
const TIMEOUT_MS_DEFAULT = 2_000;

const split = (text: string, by: string | RegExp) =>
  text
    .split(by)
    .map((part) => part.trim())
    .filter((part) => part !== '');
const addresses = z
  .string()
  .transform((text) => split(text, ','))
  .pipe(z.array(addressEnv).max(ADDRESSES_MAX));

/** Variables of where the keys are. */
export const custodyShape = {
  CUSTODY: z.enum(['local', 'web3signer']).default('local'),
  KEYSTORE_FILE: z.string().optional(),
  KEYSTORE_FILES: z
    .string()
    .transform((text) => split(text, ','))
    .optional(),
  KEYSTORE_PASSWORD: z.string().optional(),
  KEYSTORE_PASSWORDS: z
    .string()
    .transform((text) => text.split(/\r?\n/).filter((line) => line !== ''))
    .optional(),
  SIGNER_ADDRESS: addressEnv.optional(),
  SIGNER_OTHER_ADDRESSES: addresses.optional(),
  SIGNER_SELECTABLE_ADDRESSES: addresses.optional(),
  WEB3SIGNER_URL: z.url({ protocol: /^https?$/ }).optional(),
  WEB3SIGNER_TIMEOUT_MS: z.coerce.number().int().min(50).max(5_000).default(TIMEOUT_MS_DEFAULT),
  WEB3SIGNER_TLS_CERT: z.string().optional(),
  WEB3SIGNER_TLS_KEY: z.string().optional(),
  WEB3SIGNER_TLS_CA: z.string().optional(),
};

/** Variables that open keys: no process needs them after its start. */
export const CUSTODY_SECRETS = ['KEYSTORE_PASSWORD', 'KEYSTORE_PASSWORDS', 'WEB3SIGNER_TLS_KEY'];

/** Where the keys are. */
export type CustodyConfig =
  | ({ readonly kind: 'local' } & LocalCustodyOptions)
  | ({ readonly kind: 'web3signer' } & Web3SignerCustodyOptions);

type Raw = z.infer<z.ZodObject<typeof custodyShape>>;

/** The settings as read; sound when {@link custodyFaults} finds nothing. */
export function custodyOf(raw: Raw): CustodyConfig {
  if (raw.CUSTODY === 'local') {
    return {
      kind: 'local',
      files: [...(raw.KEYSTORE_FILE ? [raw.KEYSTORE_FILE] : []), ...(raw.KEYSTORE_FILES ?? [])],
      passwords: [
        ...(raw.KEYSTORE_PASSWORD ? [raw.KEYSTORE_PASSWORD] : []),
        ...(raw.KEYSTORE_PASSWORDS ?? []),
      ],
      activeAddress: raw.SIGNER_ADDRESS,
    };
  }
  return {
    kind: 'web3signer',
    url: raw.WEB3SIGNER_URL ?? '',
    timeoutMs: raw.WEB3SIGNER_TIMEOUT_MS,
    tls: {
      certificate: raw.WEB3SIGNER_TLS_CERT,
      key: raw.WEB3SIGNER_TLS_KEY,
      authority: raw.WEB3SIGNER_TLS_CA,
    },
    activeAddress: raw.SIGNER_ADDRESS ?? '',
    otherAddresses: raw.SIGNER_OTHER_ADDRESSES ?? [],
  };
}

/** What of the settings is missing or does not fit together. */
export function custodyFaults(raw: Raw): string[] {
  const needed = (name: keyof Raw) => `${name}: needed with CUSTODY=${raw.CUSTODY}`;
  const unused = (name: keyof Raw) => `${name}: not used with CUSTODY=${raw.CUSTODY}`;
  if (raw.CUSTODY === 'web3signer') {
    const isHalf =
      (raw.WEB3SIGNER_TLS_CERT === undefined) !== (raw.WEB3SIGNER_TLS_KEY === undefined);
    return [
      ...(raw.WEB3SIGNER_URL ? [] : [needed('WEB3SIGNER_URL')]),
      ...(raw.SIGNER_ADDRESS ? [] : [needed('SIGNER_ADDRESS')]),
      ...(isHalf ? ['WEB3SIGNER_TLS_KEY: set it together with WEB3SIGNER_TLS_CERT'] : []),
    ];
  }
  const { files, passwords } = custodyOf(raw) as Extract<CustodyConfig, { kind: 'local' }>;
  return [
    ...(files.length === 0 ? [needed('KEYSTORE_FILE')] : []),
    ...(passwords.length === 0 ? [needed('KEYSTORE_PASSWORD')] : []),
    ...(raw.WEB3SIGNER_URL ? [unused('WEB3SIGNER_URL')] : []),
    ...(raw.SIGNER_OTHER_ADDRESSES ? [unused('SIGNER_OTHER_ADDRESSES')] : []),
  ];
}
