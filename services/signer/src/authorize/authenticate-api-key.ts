import {
  type Ask,
  type Clock,
  type CredentialAnswer,
  carryTraces,
  createBatcher,
  type credentialReplySchema,
  currentTrace,
} from '@clearinghouse/shared';
import type { z } from 'zod';
import { RUNTIME_LIMITS } from '../limits.ts';
import { checkApiKey, type PresentedKey } from './check-api-key.ts';
import type { AuthOutcome } from './credential.ts';
import { createExpiringCache } from './expiring-cache.ts';

/** Says who holds an API key. Answers at once when the key was asked about just now. */
export type ApiKeyAuthenticator = {
  readonly authenticate: (key: string, fromBrowser: boolean) => AuthOutcome | Promise<AuthOutcome>;
  /** Forgets every answer. */
  readonly forget: () => void;
  readonly close: () => Promise<void>;
};

export type ApiKeyAuthenticatorDeps = {
  readonly askCredentials: Ask<z.output<typeof credentialReplySchema>>;
  readonly clock: Pick<Clock, 'monotonicMs'>;
};

type Item = { readonly keySha256: string; readonly fromBrowser: boolean };
type Waiting = { readonly item: Item; readonly trace: string | undefined };

const BATCH_ITEMS_MAX = 500;
const INVALID = { ok: false, code: 'invalid_token' } as const;
const AWAY = { ok: false, code: 'unavailable', detail: 'credentials cannot be verified' } as const;

/**
 * Makes the authenticator of API keys. Form and checksum are checked before auth is asked
 * for the key's SHA-256, once for all requests that wait for it. Answers, refusals too, are
 * remembered for `identityCacheMs`.
 *
 * Codes: invalid_token, suspended, insufficient_scope, browser_key_refused, unavailable (auth or
 * the queue is away).
 */
export function createApiKeyAuthenticator(deps: ApiKeyAuthenticatorDeps): ApiKeyAuthenticator {
  const { monotonicMs } = deps.clock;
  const entriesMax = RUNTIME_LIMITS.identitiesMax;
  // Two caches, so that a flood of made-up keys cannot push out the true ones.
  const granted = createExpiringCache<AuthOutcome>({ entriesMax, monotonicMs });
  const refused = createExpiringCache<AuthOutcome>({ entriesMax, monotonicMs });
  const asking = new Map<string, Promise<AuthOutcome>>();
  let generation = 0;
  const batcher = createBatcher<Waiting, AuthOutcome>({
    maxItems: BATCH_ITEMS_MAX,
    maxWaitMs: 0,
    maxInFlight: RUNTIME_LIMITS.credentialBatchesMax,
    send: (waiting) => askAll(deps, waiting),
  });

  const ask = async (cacheKey: string, item: Item): Promise<AuthOutcome> => {
    const asked = generation;
    const outcome = await batcher.add({ item, trace: currentTrace() }).catch(() => AWAY);
    const isStale = asked !== generation;
    if (isStale || (!outcome.ok && outcome.code === 'unavailable')) return outcome;
    const cache = outcome.ok ? granted : refused;
    cache.set(cacheKey, outcome, RUNTIME_LIMITS.identityCacheMs);
    return outcome;
  };
  return {
    authenticate: (text, fromBrowser) => {
      const key = checkApiKey(text);
      if (key === undefined) return INVALID;
      const cacheKey = fromBrowser ? `${key.keySha256}b` : key.keySha256;
      const known = granted.get(cacheKey) ?? refused.get(cacheKey);
      if (known !== undefined) return ofItsApp(known, key);
      if (!key.isWhole()) return INVALID;
      let answer = asking.get(cacheKey);
      if (answer === undefined) {
        answer = ask(cacheKey, { keySha256: key.keySha256, fromBrowser });
        asking.set(cacheKey, answer);
        void answer.finally(() => asking.delete(cacheKey));
      }
      return answer.then((outcome) => ofItsApp(outcome, key));
    },
    forget: () => {
      generation += 1;
      granted.clear();
      refused.clear();
      asking.clear();
    },
    close: batcher.close,
  };
}

/** A composite key names an app; another app's key behind it is no key. */
function ofItsApp(outcome: AuthOutcome, key: PresentedKey): AuthOutcome {
  if (!outcome.ok || key.appId === undefined) return outcome;
  return outcome.principal.appId === key.appId ? outcome : INVALID;
}

async function askAll(
  deps: ApiKeyAuthenticatorDeps,
  waiting: readonly Waiting[],
): Promise<readonly AuthOutcome[]> {
  const items = waiting.map(({ item }) => item);
  const traces = carryTraces(waiting.map(({ trace }) => trace));
  const outcome = await deps.askCredentials({ items, ...traces });
  if (!outcome.ok || outcome.value.answers.length !== items.length) return items.map(() => AWAY);
  return outcome.value.answers.map(toOutcome);
}

function toOutcome(answer: CredentialAnswer): AuthOutcome {
  if (answer.ok) return { ok: true, principal: answer.principal };
  return { ok: false, code: answer.code };
}
