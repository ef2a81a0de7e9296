import { z } from 'zod';
import { DISCOVERY_LIMITS } from '../limits.ts';
import { parseRational } from '../payments/parse-rational.ts';
import { compareRational, type Rational } from '../payments/rational.ts';
import { JsonNumber, parseExactJson, writeExactJson } from '../wire/exact-json.ts';
import { normaliseUri } from './node.ts';

const UNITS = new Set(['seconds', '720p-pixel-seconds', 'fixed']);
const CURRENCY = 'wei';

/** What must not pass through a float. */
const EXACT = new Set(['price']);

const short = z.string().max(DISCOVERY_LIMITS.textCharsMax);
const named = short.min(1);
const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(0);
const price = z.union([z.instanceof(JsonNumber), short]);
const runnerSchema = z.object({
  url: z.url({ protocol: /^https?$/ }).max(DISCOVERY_LIMITS.urlCharsMax),
  gpu: z.record(z.string(), z.unknown()).nullish(),
  app: named,
  version: short.nullish(),
  metadata: z.record(z.string(), z.unknown()).nullish(),
  mode: short.nullish(),
  capacity: count,
  capacity_used: count,
  capacity_available: count,
  price_info: z.object({ price, currency: short, unit: short }),
});
type RawRunner = z.infer<typeof runnerSchema>;

const entrySchema = z.object({
  address: named.max(DISCOVERY_LIMITS.urlCharsMax),
  runners: z.array(z.unknown()).max(DISCOVERY_LIMITS.runnersMax).nullish(),
});
const listSchema = z.array(z.unknown()).max(DISCOVERY_LIMITS.nodesMax);

/** A runner that we would pay. */
export type Runner = { readonly url: string; readonly app: string; readonly json: string };

/** A node as a list names it, with the runners that it names beside it. */
export type Named = { readonly uri: string; readonly runners: readonly Runner[] };

/**
 * Reads a list of nodes and their runners, as a node's `/discovery` and webhooks have it. What of
 * it is not as it should be, or dearer than we pay, is left out.
 *
 * @throws Error when the whole is no JSON list.
 */
export function readNamed(text: string, maxPriceWei: Rational | undefined): Named[] {
  const list = listSchema.safeParse(parseExactJson(text, EXACT));
  if (!list.success) throw new Error('not a JSON list');
  return list.data.flatMap((item) => {
    const entry = entrySchema.safeParse(item);
    if (!entry.success) return [];
    const { address, runners } = entry.data;
    const read = (runners ?? []).flatMap((one) => readRunner(one, maxPriceWei) ?? []);
    return [{ uri: normaliseUri(address), runners: read }];
  });
}

function readRunner(value: unknown, maxPriceWei: Rational | undefined): Runner | undefined {
  const parsed = runnerSchema.safeParse(value);
  if (!parsed.success) return undefined;
  const runner = parsed.data;
  const { price: raw, currency, unit } = runner.price_info;
  const priceText = raw instanceof JsonNumber ? raw.text : raw;
  const asked = parseRational(priceText);
  if (asked === undefined || asked.num <= 0n) return undefined;
  if (currency.toLowerCase() !== CURRENCY || !UNITS.has(unit)) return undefined;
  if (maxPriceWei && compareRational(asked, maxPriceWei) > 0) return undefined;
  const json = write(runner);
  if (json.length > DISCOVERY_LIMITS.runnerCharsMax) return undefined;
  return { url: runner.url, app: runner.app, json };
}

/** In the order that go-livepeer writes; what is empty is left out. */
function write(runner: RawRunner): string {
  const { gpu, version, metadata, mode, price_info } = runner;
  return writeExactJson({
    url: runner.url,
    gpu: gpu ?? undefined,
    app: runner.app,
    version: version || undefined,
    metadata: metadata ?? undefined,
    mode: mode || undefined,
    capacity: runner.capacity,
    capacity_used: runner.capacity_used,
    capacity_available: runner.capacity_available,
    price_info,
  });
}
