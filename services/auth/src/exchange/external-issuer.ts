import { z } from 'zod';

/** Algorithms by which another issuer may sign; nothing symmetric, nothing without a signature. */
export const EXTERNAL_ALGS = ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'] as const;

/** An issuer of others whose JWTs an app's confidential clients may exchange. */
export type ExternalIssuer = {
  readonly id: string;
  readonly appId: string;
  readonly issuer: string;
  readonly jwksUri: string;
  readonly algs: readonly string[];
  /** What `aud` must hold: such a token is made for us, not for somebody who passes it on. */
  readonly audience: string;
  /** The claim with the app's own id of the user. */
  readonly subjectClaim: string;
  /** Whether a user that the app does not know yet is created. */
  readonly provisionsUsers: boolean;
  readonly createdAt: Date;
};

const URL_CHARS_MAX = 512;
const httpsUrl = z
  .url({ protocol: /^https$/ })
  .max(URL_CHARS_MAX)
  .refine((text) => !new URL(text).username && !new URL(text).hash, 'no credentials, no fragment');

/** What an operator says of another issuer. */
export const externalIssuerSchema = z.object({
  issuer: httpsUrl,
  jwksUri: httpsUrl,
  algs: z.array(z.enum(EXTERNAL_ALGS)).min(1).max(EXTERNAL_ALGS.length).default(['RS256']),
  audience: z.string().min(1).max(URL_CHARS_MAX),
  subjectClaim: z
    .string()
    .regex(/^[A-Za-z0-9_]{1,64}$/)
    .default('sub'),
  provisionsUsers: z.boolean().default(false),
});

export type ExternalIssuerInput = z.infer<typeof externalIssuerSchema>;
