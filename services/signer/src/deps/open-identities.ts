import {
  createAsker,
  credentialReplySchema,
  identityChangedSchema,
  type Logger,
  listenQueue,
  type QueueConnection,
  systemClock,
} from '@clearinghouse/shared';
import { type Authenticate, authenticate } from '../authorize/authenticate.ts';
import { createApiKeyAuthenticator } from '../authorize/authenticate-api-key.ts';
import { createTokenAuthenticator } from '../authorize/authenticate-token.ts';
import { followKeySet } from '../authorize/follow-key-set.ts';
import { RUNTIME_LIMITS } from '../limits.ts';

/** Who may ask. */
export type Identities = {
  readonly authenticate: Authenticate;
  readonly isReady: () => boolean;
  readonly stop: () => Promise<void>;
};

/** Opens both ways of authenticating, and forgets what they remember when an identity changes. */
export function openIdentities(
  options: { readonly issuer: string; readonly jwksUrl: string },
  queue: QueueConnection,
  log: Logger,
): Identities {
  const clock = systemClock;
  const { fetch } = globalThis;
  const keys = followKeySet(
    { fetch, monotonicMs: clock.monotonicMs, log },
    { url: options.jwksUrl },
  );
  keys.start();
  const tokens = createTokenAuthenticator({ keys, clock, issuer: options.issuer });
  const askCredentials = createAsker(queue, 'credential-verify', {
    replySchema: credentialReplySchema,
    timeoutMs: RUNTIME_LIMITS.credentialTimeoutMs,
  });
  const apiKeys = createApiKeyAuthenticator({ askCredentials, clock });
  listenQueue(queue, 'identity-changed-signer', {
    schema: identityChangedSchema,
    handle: async () => {
      tokens.forget();
      apiKeys.forget();
    },
  });
  return {
    authenticate: (presented) => authenticate({ tokens, apiKeys }, presented),
    isReady: keys.isReady,
    stop: async () => {
      keys.stop();
      await apiKeys.close();
    },
  };
}
