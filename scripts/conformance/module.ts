import type { Suite } from './suite.ts';

/** A group of modules of the OpenID Foundation's suite. */
export type Plan = 'Basic OP' | 'Config OP' | 'RP-Initiated Logout OP';

/**
 * One module: throws where the issuer does not do what the module asks for; gives back a sentence
 * where it is an option that this issuer does not offer, and the refusal was seen.
 */
export type Module = {
  readonly name: string;
  readonly run: (suite: Suite) => Promise<void> | Promise<string>;
};

/** What became of one module. */
export type Result = {
  readonly plan: Plan;
  readonly name: string;
  readonly verdict: 'pass' | 'not offered' | 'fail';
  readonly detail: string;
};
