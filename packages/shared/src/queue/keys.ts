import type { KeyObject } from 'node:crypto';
import type { ServiceName } from './queues.ts';

/** One HMAC key with the id under which envelopes name it. */
export type QueueKey = { readonly kid: string; readonly key: KeyObject };

/** One or two keys of a direction: the first signs, both are accepted. */
export type QueueKeySet = readonly [QueueKey, QueueKey?];

/** `<from>-to-<to>`: each pair of services has one key per direction. */
export type QueueDirection = `${ServiceName}-to-${ServiceName}`;

/** The keys one service holds: only those of the directions it takes part in. */
export type QueueKeys = { readonly [D in QueueDirection]?: QueueKeySet | undefined };
