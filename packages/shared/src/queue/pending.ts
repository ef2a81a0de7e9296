import type { ServiceName } from './queues.ts';

/** An ask that waits. `answer` gets the authentic body of its reply. */
export type PendingAsk = {
  readonly answeredBy: ServiceName;
  readonly answer: (body: string) => void;
};

/** The asks of one process that wait, by nonce: an entry leaves with its first good reply. */
export type PendingAsks = {
  readonly size: () => number;
  readonly add: (nonce: string, ask: PendingAsk) => void;
  /** Gives the ask that `service` may answer, once. */
  readonly take: (nonce: string, service: ServiceName) => PendingAsk | undefined;
  readonly drop: (nonce: string) => void;
};

export function createPendingAsks(): PendingAsks {
  const asks = new Map<string, PendingAsk>();
  return {
    size: () => asks.size,
    add: (nonce, ask) => asks.set(nonce, ask),
    take: (nonce, service) => {
      const ask = asks.get(nonce);
      if (!ask || ask.answeredBy !== service) return undefined;
      asks.delete(nonce);
      return ask;
    },
    drop: (nonce) => asks.delete(nonce),
  };
}
