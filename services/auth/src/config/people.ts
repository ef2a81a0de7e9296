import { readFileSync } from 'node:fs';
import { z } from 'zod';

const METHODS = ['password', 'passkey', 'wallet', 'upstream'] as const;
const NAME_CHARS_MAX = 60;
const PROVIDERS_MAX = 12;

/** A way to sign in. */
type Method = (typeof METHODS)[number];

const listOf = (text: string) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

const httpUrl = z.url({ protocol: /^https?$/ });
const providerSchema = z
  .object({
    id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'a-z 0-9 and -, at most 32'),
    kind: z.enum(['oidc', 'google', 'github']).default('oidc'),
    name: z.string().min(1).max(NAME_CHARS_MAX).optional(),
    issuer: httpUrl.optional(),
    apiUrl: httpUrl.optional(),
    clientId: z.string().min(1).max(512),
    clientSecret: z.string().min(1).optional(),
    clientSecretFile: z.string().min(1).optional(),
    scope: z.string().min(1).max(512).optional(),
  })
  .refine((entry) => entry.kind !== 'oidc' || entry.issuer !== undefined, 'issuer: required')
  .refine((entry) => !(entry.clientSecret && entry.clientSecretFile), 'two client secrets');

const providers = z.string().transform((text, ctx) => {
  try {
    return z
      .array(providerSchema)
      .max(PROVIDERS_MAX)
      .refine((all) => new Set(all.map(({ id }) => id)).size === all.length, 'the same id twice')
      .parse(JSON.parse(text))
      .map(withSecret);
  } catch (error) {
    const [issue] = error instanceof z.ZodError ? error.issues : [];
    const message = issue ? `${issue.path.join('.')}: ${issue.message}` : 'is not a JSON list';
    ctx.addIssue({ code: 'custom', message });
    return z.NEVER;
  }
});

/** Variables of sign-in and its pages. */
export const peopleShape = {
  SIGN_UP: z.enum(['open', 'invited', 'closed']).default('closed'),
  SIGN_IN_METHODS: z
    .string()
    .default(METHODS.join(','))
    .transform(listOf)
    .pipe(z.array(z.enum(METHODS)).min(1)),
  INSTALLATION_NAME: z.string().min(1).max(NAME_CHARS_MAX).default('Clearinghouse'),
  SMTP_URL: z.url({ protocol: /^smtps?$/ }).optional(),
  MAIL_FROM: z.string().min(3).max(320).optional(),
  MAIL_DIR: z.string().optional(),
  UPSTREAM_PROVIDERS: providers.default([]),
  SIWE_RPC_URL: httpUrl.optional(),
  // One SHA-1 in hex a line, or its beginning; what follows a colon is not read.
  BREACHED_PASSWORDS: z.string().optional(),
  LOGO_ORIGINS: z.string().default('').transform(listOf).pipe(z.array(httpUrl)),
};

/** Somebody else who may say who a person is. */
export type UpstreamProvider = {
  readonly id: string;
  readonly kind: 'oidc' | 'google' | 'github';
  readonly name: string;
  readonly issuer: string;
  readonly apiUrl: string;
  readonly clientId: string;
  readonly clientSecret: string | undefined;
  readonly scope: string;
};

export type PeopleConfig = {
  readonly signUp: 'open' | 'invited' | 'closed';
  readonly signInMethods: readonly Method[];
  readonly installationName: string;
  readonly smtpUrl: string | undefined;
  readonly mailFrom: string | undefined;
  readonly mailDir: string | undefined;
  readonly upstreamProviders: readonly UpstreamProvider[];
  readonly siweRpcUrl: string | undefined;
  readonly breachedPasswords: string | undefined;
  /** Origins from which logos of apps may be shown. */
  readonly logoOrigins: readonly string[];
};

/** The part of the configuration that is about people. */
export function peopleConfigOf(raw: z.infer<z.ZodObject<typeof peopleShape>>): PeopleConfig {
  return {
    signUp: raw.SIGN_UP,
    signInMethods: raw.SIGN_IN_METHODS,
    installationName: raw.INSTALLATION_NAME,
    smtpUrl: raw.SMTP_URL,
    mailFrom: raw.MAIL_FROM,
    mailDir: raw.MAIL_DIR,
    upstreamProviders: raw.UPSTREAM_PROVIDERS,
    siweRpcUrl: raw.SIWE_RPC_URL,
    breachedPasswords: raw.BREACHED_PASSWORDS,
    logoOrigins: raw.LOGO_ORIGINS.map((url) => new URL(url).origin),
  };
}

const PRESETS = {
  oidc: { name: undefined, issuer: '', apiUrl: '', scope: 'openid email profile' },
  google: {
    name: 'Google',
    issuer: 'https://accounts.google.com',
    apiUrl: '',
    scope: 'openid email profile',
  },
  github: {
    name: 'GitHub',
    issuer: 'https://github.com',
    apiUrl: 'https://api.github.com',
    scope: 'read:user user:email',
  },
} as const;

function withSecret(entry: z.infer<typeof providerSchema>): UpstreamProvider {
  const preset = PRESETS[entry.kind];
  return {
    id: entry.id,
    kind: entry.kind,
    name: entry.name ?? preset.name ?? entry.id,
    issuer: (entry.issuer ?? preset.issuer).replace(/\/$/, ''),
    apiUrl: (entry.apiUrl ?? preset.apiUrl).replace(/\/$/, ''),
    clientId: entry.clientId,
    clientSecret:
      entry.clientSecretFile === undefined
        ? entry.clientSecret
        : readFileSync(entry.clientSecretFile, 'utf8').trim(),
    scope: entry.scope ?? preset.scope,
  };
}
