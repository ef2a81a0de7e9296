/** What the global setup hands to every worker, through vitest's `provide` and `inject`. */
export type ProvidedPostgres = {
  readonly superuserUrl: string;
  readonly rolePasswords: Readonly<Record<string, string>>;
  readonly templates: { readonly main: string; readonly queue: string };
};

declare module 'vitest' {
  interface ProvidedContext {
    postgres: ProvidedPostgres;
    /** Null: no Redis could be had (never with CI=true); queue suites run on Postgres alone. */
    redisUrl: string | null;
    /** Pid files and data of servers that tests start; cleared when the run ends. */
    runFolder: string;
  }
}
