import type { StageName } from './stages.ts';

/** How a stage looks in a trace. */
export type SpanShape = {
  readonly name: string;
  /** `server`: it was asked from elsewhere; `client`: it asks elsewhere and waits. */
  readonly kind: 'internal' | 'server' | 'client';
  /** A trace may begin here; any other stage is only part of a trace that there is already. */
  readonly isRoot?: true;
};

/** The stages that are spans; the others are only told to whoever listens to them. */
export const SPANS: Readonly<Partial<Record<StageName, SpanShape>>> = {
  'signer.request': { name: 'request', kind: 'server', isRoot: true },
  'signer.authenticate': { name: 'authenticate', kind: 'internal' },
  'signer.payment': { name: 'payment', kind: 'internal' },
  'signer.hold': { name: 'ask hold', kind: 'client' },
  'signer.sign': { name: 'sign', kind: 'internal' },
  'signer.journal': { name: 'journal', kind: 'internal' },
  'signer.settle': { name: 'ask settlement', kind: 'client' },
  'billing.request': { name: 'request', kind: 'server' },
  'billing.hold': { name: 'hold', kind: 'server' },
  'billing.settle': { name: 'settle', kind: 'server' },
  'billing.ledger': { name: 'post to ledger', kind: 'internal' },
  'auth.request': { name: 'request', kind: 'server', isRoot: true },
  'auth.credentials': { name: 'verify credentials', kind: 'server' },
};
