import { addressEnv, flagEnv } from '@clearinghouse/shared';
import { z } from 'zod';
import { compareRational, whole } from '../payments/rational.ts';
import type { SigningRules } from '../policy/enforce-policy.ts';
import { durationMs, fraction } from './fields.ts';

const ARBITRUM_CHAIN_ID = 42_161n;
/** Livepeer's registry of AI nodes on Arbitrum One, which its Controller does not know. */
const ARBITRUM_AI_SERVICE_REGISTRY = '0x04c0b249740175999e5bf5c9ac1da92431ef34c5';
const REPLICAS_MAX = 1_000;

const weiAmount = z
  .string()
  .regex(/^[0-9]{1,78}$/, 'not a whole number of wei')
  .transform(BigInt);
const chance = fraction.refine((value) => compareRational(value, whole(1n)) <= 0, {
  message: 'a chance is at most 1',
});

/** Variables of what the operator lets be signed, beside go-livepeer's own. */
export const policyShape = {
  POLICY_DRY_RUN: flagEnv.default(false),
  POLICY_REGISTERED_RECIPIENTS: flagEnv.optional(),
  POLICY_RECIPIENT_IS_ORCHESTRATOR: flagEnv.default(false),
  POLICY_SERVICE_URI: flagEnv.default(false),
  POLICY_AI_SERVICE_REGISTRY: addressEnv.optional(),
  POLICY_RECIPIENT_MAX_AGE_MS: durationMs(60_000).default(3_600_000),
  POLICY_FACE_VALUE_MAX_WEI: weiAmount.optional(),
  POLICY_WIN_PROB_MIN: chance.optional(),
  POLICY_WIN_PROB_MAX: chance.optional(),
  POLICY_TICKET_EV_MIN_WEI: fraction.optional(),
  POLICY_TICKET_EV_MAX_WEI: fraction.optional(),
  POLICY_PAYMENT_EV_MAX_WEI: fraction.optional(),
  POLICY_RECIPIENT_EV_HOUR_MAX_WEI: weiAmount.optional(),
  POLICY_REPLICAS: z.coerce.number().int().min(1).max(REPLICAS_MAX).default(1),
};

export type PolicyConfig = {
  readonly rules: SigningRules;
  readonly recipientMaxAgeMs: number;
  /** A registry of service URIs beside the Controller's. */
  readonly extraRegistryAddress: string | undefined;
};

type Raw = z.infer<z.ZodObject<typeof policyShape>>;

/** The settings as read; `chainId` absent: a chain of no name, a development one. */
export function policyRulesOf(raw: Raw, chainId: bigint | undefined): PolicyConfig {
  const isArbitrum = chainId === ARBITRUM_CHAIN_ID;
  const hourWei = raw.POLICY_RECIPIENT_EV_HOUR_MAX_WEI;
  return {
    rules: {
      isDryRun: raw.POLICY_DRY_RUN,
      bounds: boundsOf(raw),
      recipients: {
        mustBeRegistered: raw.POLICY_REGISTERED_RECIPIENTS ?? isArbitrum,
        mustBeOrchestrator: raw.POLICY_RECIPIENT_IS_ORCHESTRATOR,
        mustServeThere: raw.POLICY_SERVICE_URI,
      },
      recipientHourMaxWei:
        hourWei === undefined ? undefined : hourWei / BigInt(raw.POLICY_REPLICAS),
    },
    recipientMaxAgeMs: raw.POLICY_RECIPIENT_MAX_AGE_MS,
    extraRegistryAddress:
      raw.POLICY_AI_SERVICE_REGISTRY ?? (isArbitrum ? ARBITRUM_AI_SERVICE_REGISTRY : undefined),
  };
}

/** What of the settings does not fit together. */
export function policyFaults(raw: Raw, hasChain: boolean): string[] {
  const needsChain = (name: 'POLICY_REGISTERED_RECIPIENTS' | 'POLICY_SERVICE_URI') =>
    raw[name] && !hasChain ? [`${name}: needs ETH_RPC_URL`] : [];
  return [
    ...needsChain('POLICY_REGISTERED_RECIPIENTS'),
    ...needsChain('POLICY_SERVICE_URI'),
    ...crossed(raw, 'POLICY_WIN_PROB'),
    ...crossed(raw, 'POLICY_TICKET_EV'),
  ];
}

function crossed(raw: Raw, name: 'POLICY_WIN_PROB' | 'POLICY_TICKET_EV'): string[] {
  const [least, most] =
    name === 'POLICY_WIN_PROB'
      ? [raw.POLICY_WIN_PROB_MIN, raw.POLICY_WIN_PROB_MAX]
      : [raw.POLICY_TICKET_EV_MIN_WEI, raw.POLICY_TICKET_EV_MAX_WEI];
  const isCrossed = least && most && compareRational(least, most) > 0;
  return isCrossed
    ? [`${name}_MIN${name === 'POLICY_TICKET_EV' ? '_WEI' : ''}: above the maximum`]
    : [];
}

function boundsOf(raw: Raw): SigningRules['bounds'] {
  const bounds = {
    faceValueMaxWei: raw.POLICY_FACE_VALUE_MAX_WEI,
    winProbMin: raw.POLICY_WIN_PROB_MIN,
    winProbMax: raw.POLICY_WIN_PROB_MAX,
    ticketEvMinWei: raw.POLICY_TICKET_EV_MIN_WEI,
    ticketEvMaxWei: raw.POLICY_TICKET_EV_MAX_WEI,
    paymentEvMaxWei: raw.POLICY_PAYMENT_EV_MAX_WEI,
  };
  return Object.fromEntries(
    Object.entries(bounds).filter(([, value]) => value !== undefined),
  ) as SigningRules['bounds'];
}
