/** `net.ModelConstraint` without `capacityInUse`, which a signer does not pass on. */
export type ModelConstraint = {
  readonly warm: boolean;
  readonly capacity: number;
  readonly runnerVersion: string;
};

/** `net.Capabilities`: what a job asks of an orchestrator. */
export type Capabilities = {
  readonly bitstring: readonly bigint[];
  readonly mandatories: readonly bigint[];
  readonly capacities: ReadonlyMap<number, number>;
  readonly version: string;
  readonly minVersion: string;
  /** Capability -> model -> constraint. */
  readonly perCapability: ReadonlyMap<number, ReadonlyMap<string, ModelConstraint>>;
};
