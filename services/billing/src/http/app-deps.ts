import type { Logger } from '@clearinghouse/shared';
import type { Readiness } from '../readiness/readiness.ts';
import type { ChainOperations } from './chain.ts';
import type { OperatorOperations } from './operator.ts';
import type { UsageOperations } from './usage.ts';
import type { VerifyForwardDeps } from './verify-forward.ts';

/** What the HTTP surface stands on. */
export type AppDeps = VerifyForwardDeps & {
  readonly log: Logger;
  readonly operations: UsageOperations & OperatorOperations & ChainOperations;
  readonly checkReadiness: () => Promise<Readiness>;
};
