import { type Logger, systemClock } from '@clearinghouse/shared';
import { createRpc } from '../chain/call-rpc.ts';
import type { PolicyConfig } from '../config/policy.ts';
import type { SignerMetrics } from '../metrics/signer-metrics.ts';
import { createSpending } from '../policy/count-spending.ts';
import { createPolicy, type EnforcePolicy } from '../policy/enforce-policy.ts';
import { knowRecipients } from '../policy/know-recipients.ts';
import { createRecipientReader } from '../policy/read-recipient.ts';
import type { LookUpRecipient } from '../policy/recipient.ts';

export type OpenPolicyOptions = {
  readonly config: PolicyConfig;
  /** Absent: the chain is off, and nobody can be looked up. */
  readonly chain: { readonly rpcUrl: string; readonly controllerAddress: string } | undefined;
  readonly fetch: typeof fetch;
  readonly countRefusal: SignerMetrics['countPolicyRefusal'];
  readonly log: Logger;
};

/** Opens the operator's policy, with its own view of who is registered on the chain. */
export function openPolicy(options: OpenPolicyOptions): EnforcePolicy {
  const { config, log } = options;
  const { monotonicMs } = systemClock;
  return createPolicy(
    {
      lookUp: openRecipients(options),
      spending: createSpending({ monotonicMs }),
      count: options.countRefusal,
      log,
    },
    config.rules,
  );
}

function openRecipients({ config, chain, fetch, log }: OpenPolicyOptions): LookUpRecipient {
  if (chain === undefined) return () => undefined;
  const { monotonicMs } = systemClock;
  const read = createRecipientReader(
    { rpc: createRpc({ url: chain.rpcUrl, fetch }), monotonicMs },
    {
      controllerAddress: chain.controllerAddress,
      registries: {
        isAsked: config.rules.recipients.mustServeThere,
        extraAddress: config.extraRegistryAddress,
      },
    },
  );
  return knowRecipients({ read, monotonicMs, log }, { maxAgeMs: config.recipientMaxAgeMs });
}
