import { randomUUID } from 'node:crypto';
import {
  answerQueue,
  type CredentialAnswer,
  connectQueue,
  createLog,
  createTeller,
  credentialRequestSchema,
} from '@clearinghouse/shared';
import type { QueueAddress } from './billing-double.ts';
import { QUEUE_KEYS } from './queue-keys.ts';

type CredentialItem = { readonly keySha256: string; readonly fromBrowser: boolean };

/** Auth as the signer sees it over the queue. */
export type AuthDouble = {
  readonly asked: CredentialItem[];
  /** Decides on a key; a test may replace it. */
  readonly rules: { answer: (item: CredentialItem) => CredentialAnswer };
  /** Tells that an app was suspended. */
  readonly tellChange: (appId: string) => Promise<unknown>;
  readonly stop: () => Promise<void>;
};

export const KEY_APP_ID = 'app_abababababababababababab';

/** Starts answering; every key is a gateway's of {@link KEY_APP_ID}. */
export function startAuthDouble(queue: QueueAddress): AuthDouble {
  const connection = connectQueue({
    ...queue,
    keys: QUEUE_KEYS,
    service: 'auth',
    replicaId: `auth-${randomUUID()}`,
    log: createLog({ service: 'auth-double', level: 'silent' }),
  });
  const asked: CredentialItem[] = [];
  const rules: AuthDouble['rules'] = {
    answer: ({ keySha256 }) => ({
      ok: true,
      principal: {
        appId: KEY_APP_ID,
        subject: 'app',
        keyId: `key_${keySha256.slice(0, 24)}`,
        attribution: 'gateway',
      },
    }),
  };
  answerQueue(connection, 'credential-verify', {
    requestSchema: credentialRequestSchema,
    handle: async ({ items }) => {
      asked.push(...items);
      return { answers: items.map((item) => rules.answer(item)) };
    },
  });
  const tell = createTeller(connection, 'identity-changed-signer');
  return {
    asked,
    rules,
    tellChange: (appId) =>
      tell({ changes: [{ kind: 'app', id: appId, appId, status: 'suspended' }] }),
    stop: () => connection.close(),
  };
}
