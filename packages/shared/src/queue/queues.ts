/** The services that speak over the queue. */
export const SERVICE_NAMES = ['auth', 'billing', 'signer'] as const;
export type ServiceName = (typeof SERVICE_NAMES)[number];

/**
 * One queue: who may send on it and who works on it. An `ask` gets an answer or a named refusal
 * within its deadline and is tried once; a `tell` is kept and tried `attempts` times.
 */
export type QueueDefinition = {
  readonly kind: 'ask' | 'tell';
  readonly from: readonly ServiceName[];
  readonly to: ServiceName;
  readonly attempts: number;
};

/** Every queue between the services; a queue that is not here does not exist. */
export const QUEUES = {
  /** Holds for payments, a batch a job; the answer is the grants. */
  'hold-request': { kind: 'ask', from: ['signer'], to: 'billing', attempts: 1 },
  /** Signed payments; the answer is the acknowledgement that the journal waits for. */
  'usage-settle': { kind: 'ask', from: ['signer'], to: 'billing', attempts: 1 },
  /** Holds granted but never signed. */
  'hold-release': { kind: 'ask', from: ['signer'], to: 'billing', attempts: 1 },
  /** Whose API key has this hash. */
  'credential-verify': { kind: 'ask', from: ['signer'], to: 'auth', attempts: 1 },
  /** What the chain says of our accounts; the answer is where billing stands now. */
  'chain-events': { kind: 'ask', from: ['signer'], to: 'billing', attempts: 1 },
  /** What an ether is worth. */
  'price-read': { kind: 'ask', from: ['signer'], to: 'billing', attempts: 1 },
  /** Which asks of a signer process are finished. */
  'journal-watermark': { kind: 'tell', from: ['signer'], to: 'billing', attempts: 3 },
  /** Identities changed: caches are dropped. */
  'identity-changed-billing': { kind: 'tell', from: ['auth'], to: 'billing', attempts: 10 },
  'identity-changed-signer': { kind: 'tell', from: ['auth'], to: 'signer', attempts: 10 },
} as const satisfies Record<string, QueueDefinition>;

export type QueueName = keyof typeof QUEUES;
type NameOfKind<K extends QueueDefinition['kind']> = {
  [N in QueueName]: (typeof QUEUES)[N]['kind'] extends K ? N : never;
}[QueueName];
export type AskQueueName = NameOfKind<'ask'>;
export type TellQueueName = NameOfKind<'tell'>;

const REPLICA_ID = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * The queue on which one process of a service gets its answers.
 *
 * @param replicaId unique per process start; letters, digits, `_` and `-` only.
 */
export function replyQueueName(service: ServiceName, replicaId: string): string {
  if (!REPLICA_ID.test(replicaId)) throw new Error('replicaId: 1-64 of A-Z a-z 0-9 _ -');
  return `reply-${service}-${replicaId}`;
}
