import type { Stub } from './page.ts';

/** What every page of a sign-in knows: the app that asks, the ways there are, the form's token. */
export type SignInView = {
  /** `/interaction/{uid}`. */
  readonly base: string;
  readonly csrf: string;
  readonly stub: Stub;
  readonly appName: string;
  readonly formTargets: readonly string[];
  readonly ways: SignInWays;
};

/** The ways to sign in that are open here. */
export type SignInWays = {
  readonly password: boolean;
  readonly passkey: boolean;
  readonly wallet: boolean;
  readonly upstreams: readonly { readonly id: string; readonly name: string }[];
  /** May somebody make an account? */
  readonly signUp: boolean;
};
