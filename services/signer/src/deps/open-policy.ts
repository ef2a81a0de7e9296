import { type Logger, systemClock } from '@clearinghouse/shared';
import type { Nodes } from '../chain/fail-over.ts';
import type { PolicyConfig } from '../config/policy.ts';
import type { SignerMetrics } from '../metrics/signer-metrics.ts';
import { createSpending } from '../policy/count-spending.ts';
import { createPolicy, type EnforcePolicy } from '../policy/enforce-policy.ts';
import { knowRecipients } from '../policy/know-recipients.ts';
import { createRecipientReader } from '../policy/read-recipient.ts';
import type { LookUpRecipient } from '../policy/recipient.ts';

export type OpenPolicyOptions = {
  readonly config: {
    readonly signing: PolicyConfig;
    readonly chain: { readonly controllerAddress: string } | undefined;
  };
  /** Absent: the chain is off, and nobody can be looked up. */
  readonly nodes: Nodes | undefined;
  readonly countRefusal: SignerMetrics['countPolicyRefusal'];
  readonly log: Logger;
};

/** Opens the operator's policy, with its own view of who is registered on the chain. */
export function openPolicy(options: OpenPolicyOptions): EnforcePolicy {
  const { config, countRefusal, log } = options;
  const { monotonicMs } = systemClock;
  const spending = createSpending({ monotonicMs });
  const lookUp = openRecipients(options);
  return createPolicy({ lookUp, spending, count: countRefusal, log }, config.signing.rules);
}

function openRecipients({ config, nodes, log }: OpenPolicyOptions): LookUpRecipient {
  const { chain, signing } = config;
  if (chain === undefined || nodes === undefined) return () => undefined;
  const { monotonicMs } = systemClock;
  const read = createRecipientReader(
    { rpc: nodes.call, monotonicMs },
    {
      controllerAddress: chain.controllerAddress,
      registries: {
        isAsked: signing.rules.recipients.mustServeThere,
        extraAddress: signing.extraRegistryAddress,
      },
    },
  );
  return knowRecipients({ read, monotonicMs, log }, { maxAgeMs: signing.recipientMaxAgeMs });
}
