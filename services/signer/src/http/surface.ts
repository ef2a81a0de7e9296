import type { Logger } from '@clearinghouse/shared';
import type { CountRequest } from '../metrics/count-request.ts';
import type { Discovery } from './discover-orchestrators.ts';
import type { GenerateLivePaymentDeps } from './generate-live-payment.ts';
import type { Readiness } from './health.ts';
import type { SignOrchestratorInfoDeps } from './sign-orchestrator-info.ts';

/** What the HTTP surface stands on. */
export type Surface = GenerateLivePaymentDeps &
  SignOrchestratorInfoDeps & {
    /** Absent: nothing is discovered here. */
    readonly discovery?: Discovery | undefined;
    readonly log: Logger;
    readonly monotonicMs: () => number;
    readonly count: CountRequest;
    /** The active account, for probes. */
    readonly checksumAddress: string;
    readonly readiness: () => Readiness;
  };
