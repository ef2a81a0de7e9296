/** What one drill does. */
export type DrillOptions = {
  /** Different payments that must have been answered 200. */
  readonly payments: number;
  /** Mean time between two kills. */
  readonly secondsBetweenKills: number;
  /** Everything random but ids and secrets follows from it. */
  readonly seed: number;
  /** The drill gives up after this long, and that is a breach. */
  readonly secondsMax: number;
  readonly payers: number;
  /** Keep logs and data also when every rule holds. */
  readonly keep?: boolean;
  /** Told what is going on, a line at a time. */
  readonly progress: (line: string) => void;
};

/** One rule that must hold afterwards, with what was found. */
export type DrillCheck = {
  readonly name: string;
  readonly expected: string;
  readonly actual: string;
  readonly holds: boolean;
};

/** What a drill found. */
export type DrillReport = {
  readonly ok: boolean;
  readonly checks: readonly DrillCheck[];
  /** Answers by status; `lost` are those that never came. */
  readonly answers: Readonly<Record<string, number>>;
  readonly payments: number;
  readonly kills: Readonly<Record<string, number>>;
  readonly seconds: number;
  readonly perSecond: number;
  /** Where logs are; removed unless something broke. */
  readonly dataDir: string;
};
