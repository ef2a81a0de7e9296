/** A server that tests use: found, or started and then stopped when the run ends. */
export type Server = {
  readonly url: string;
  /** One word for the report: `given`, `container`, `embedded`, `local`. */
  readonly source: 'given' | 'container' | 'embedded' | 'local';
  readonly stop: () => Promise<void>;
};

/** Tells the person who started the run; never an assertion. */
export type Say = (line: string) => void;
