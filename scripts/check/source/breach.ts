/** One place where the house rules are broken. */
export type Breach = {
  /** Path from the root of the repository, with forward slashes. */
  readonly path: string;
  /** First line is 1. */
  readonly line: number;
  readonly rule: string;
  readonly message: string;
};
