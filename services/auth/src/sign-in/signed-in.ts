/** Who somebody has shown to be, and how (RFC 8176 values). */
export type SignedIn = { readonly accountId: string; readonly methods: readonly string[] };

/** `amr` values of the ways to sign in. */
export const AMR = {
  password: ['pwd'],
  passkey: ['pop', 'user'],
  wallet: ['swk'],
  upstream: ['fed'],
  mail: ['otp'],
} as const;
