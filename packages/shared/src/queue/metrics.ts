/** Plain counters of one connection; a service exports them as it likes. */
export type QueueMetrics = {
  /** Asks sent, by this process. */
  asks: number;
  /** Asks answered in time with a good reply. */
  answers: number;
  /** Asks that ended without a reply in time. */
  timeouts: number;
  /** Asks or tells refused because the backend was down or a bound was reached. */
  unavailable: number;
  /** Replies dropped: forged, replayed, swapped, truncated, late, or of another shape. */
  rejectedReplies: number;
  /** Requests dropped by an answerer: forged, served before, or of another shape. */
  rejectedRequests: number;
  /** Requests dropped by an answerer because their deadline had passed. */
  lateRequests: number;
  /** Handlers that threw. */
  handlerFailures: number;
  /** Told messages given up after all attempts: an alarm. */
  failedTells: number;
};

/** All counters at zero. */
export function createQueueMetrics(): QueueMetrics {
  return {
    asks: 0,
    answers: 0,
    timeouts: 0,
    unavailable: 0,
    rejectedReplies: 0,
    rejectedRequests: 0,
    lateRequests: 0,
    handlerFailures: 0,
    failedTells: 0,
  };
}
