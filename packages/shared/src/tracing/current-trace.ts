import { AsyncLocalStorage } from 'node:async_hooks';

/** What is known of the span in whose time some code runs. */
export type CurrentTrace = {
  /** For whoever is called; absent: this trace is not kept, and nobody need know of it. */
  readonly traceParent: string | undefined;
};

/** Bound to the stages by `openTracing`; without it nothing is ever stored here. */
export const currentTraces = new AsyncLocalStorage<CurrentTrace>();

/**
 * The `traceparent` of the work under way, to be handed to whoever is asked next. `undefined`
 * when nothing is traced.
 */
export function currentTrace(): string | undefined {
  return currentTraces.getStore()?.traceParent;
}
