/** Somebody else who may say who a person is, as configured. */
export type UpstreamSettings = {
  readonly id: string;
  readonly kind: 'oidc' | 'google' | 'github';
  readonly name: string;
  readonly issuer: string;
  readonly apiUrl: string;
  readonly clientId: string;
  readonly clientSecret: string | undefined;
  readonly scope: string;
};

/** What they said of a person, after their answer was checked. */
export type UpstreamPerson = {
  readonly subject: string;
  readonly email: string | null;
  readonly isEmailVerified: boolean;
  readonly name: string | null;
  /** What the person is known by there, for lists. */
  readonly handle: string | null;
};

/** What an answer is compared with. */
export type UpstreamChecks = {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
};

/** One of them: where to send a browser, and what its answer says. */
export type Upstream = {
  readonly settings: UpstreamSettings;
  readonly authorizationUrl: (
    redirectUri: string,
    checks: UpstreamChecks,
    options: { isFresh: boolean },
  ) => Promise<URL>;
  /** @throws Error when any check fails; nothing of it is for the person to read. */
  readonly person: (callbackUrl: URL, checks: UpstreamChecks) => Promise<UpstreamPerson>;
};
