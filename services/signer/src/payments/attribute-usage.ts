import { SIGNER_LIMITS } from '../limits.ts';
import type { Capabilities } from '../wire/capabilities.ts';
import type { PriceInfo } from '../wire/orchestrator-info.ts';
import { PIPELINES } from './pipelines.ts';

/** What a payment was for, as far as the request tells. */
export type Attribution = { readonly pipeline: string; readonly model: string };

/**
 * Pipeline and model of the usage record: from the price, which is for one capability and
 * model; else from the capabilities, when they name just one; else from the job type.
 */
export function attributeUsage(input: {
  readonly type: string;
  readonly priceInfo: PriceInfo;
  readonly capabilities: Capabilities | undefined;
}): Attribution {
  const { priceInfo, type } = input;
  const only = onlyModelOf(input.capabilities);
  const pipeline =
    PIPELINES.get(priceInfo.capability) ?? PIPELINES.get(only?.capability ?? 0) ?? byType(type);
  const model = priceInfo.constraint === '' ? (only?.model ?? '') : priceInfo.constraint;
  return { pipeline, model: plainText(model) };
}

function onlyModelOf(
  capabilities: Capabilities | undefined,
): { capability: number; model: string } | undefined {
  const pairs = [...(capabilities?.perCapability ?? [])].flatMap(([capability, models]) =>
    [...models.keys()].map((model) => ({ capability, model })),
  );
  return pairs.length === 1 ? pairs[0] : undefined;
}

function byType(type: string): string {
  return type === 'lv2v' ? 'live-video-to-video' : type;
}

/** The model's name is the client's word: without control characters, and not too long. */
function plainText(text: string): string {
  const plain = [...text].filter((char) => char >= ' ' && char !== '\u007f').join('');
  return plain.slice(0, SIGNER_LIMITS.modelCharsMax).toWellFormed();
}
