/** What is counted of a request. */
export type CountRequest = (answered: {
  readonly path: string;
  /** The code of a refusal, or `ok`. */
  readonly code: string;
  readonly tickets: number;
  readonly elapsedMs: number;
}) => void;
