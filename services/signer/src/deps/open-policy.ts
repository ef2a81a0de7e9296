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
  readonly config: {
    readonly signing: PolicyConfig;
    /** Absent: the chain is off, and nobody can be looked up. */
    readonly chain: { readonly rpcUrl: string; readonly controllerAddress: string } | undefined;
  };
  readonly countRefusal: SignerMetrics['countPolicyRefusal'];
  readonly log: Logger;
};

/** Opens the operator's policy, with its own view of who is registered on the chain. */
export function openPolicy({ config, countRefusal, log }: OpenPolicyOptions): EnforcePolicy {
  const { monotonicMs } = systemClock;
  const spending = createSpending({ monotonicMs });
  const lookUp = openRecipients(config, log);
  return createPolicy({ lookUp, spending, count: countRefusal, log }, config.signing.rules);
}

function openRecipients(
  { chain, signing }: OpenPolicyOptions['config'],
  log: Logger,
): LookUpRecipient {
  if (chain === undefined) return () => undefined;
  const { monotonicMs } = systemClock;
  const { fetch } = globalThis;
  const read = createRecipientReader(
    { rpc: createRpc({ url: chain.rpcUrl, fetch }), monotonicMs },
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
