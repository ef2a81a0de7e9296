import type { ClientKind, InfoAge, JobType } from '@clearinghouse/gateway-double';

/** One session of the demo. */
export type SessionPlan = {
  /** Index of the user who pays with its own token; absent for the gateway's API key. */
  readonly user: number | undefined;
  readonly client: ClientKind;
  readonly type: JobType;
  readonly payments: number;
  /** How aged the orchestrator info is that turns up half way, so that a refresh is due. */
  readonly aging: InfoAge;
  readonly pauseMs: number;
};

type Shape = Pick<SessionPlan, 'client' | 'type'> & { readonly weight: number };

/** Users of the demo, each with the same sessions. */
export const USERS_MAX = 3;

const USER_SHAPES: readonly Shape[] = [
  { client: 'python', type: 'lv2v', weight: 3 },
  { client: 'python', type: 'live', weight: 6 },
  { client: 'go', type: 'live', weight: 5 },
  { client: 'python', type: 'fixed', weight: 5 },
  { client: 'go', type: 'fixed', weight: 5 },
];
const GATEWAY_SHAPES: readonly Shape[] = [
  { client: 'go', type: 'lv2v', weight: 4 },
  { client: 'go', type: 'lv2v', weight: 4 },
  { client: 'go', type: 'live', weight: 10 },
  { client: 'go', type: 'fixed', weight: 10 },
];

const PARAMS_EXPIRED: InfoAge = { paramsValidBlocks: 1n };
const TOKEN_ENDING: InfoAge = { authTokenTtlSec: 100 };

/** Between the calls of a session; lv2v bills the clock, so asking more often buys no more. */
const PAUSE_MS: Readonly<Record<JobType, number>> = { lv2v: 150, live: 20, fixed: 20 };

/** Spreads exactly so many payments over the demo's sessions, by weight. */
export function planSessions(payments: number): SessionPlan[] {
  const shapes = [
    ...Array.from({ length: USERS_MAX }, (_, user) =>
      USER_SHAPES.map((shape) => ({ ...shape, user })),
    ).flat(),
    ...GATEWAY_SHAPES.map((shape) => ({ ...shape, user: undefined })),
  ];
  const total = shapes.reduce((sum, shape) => sum + shape.weight, 0);
  let weightSoFar = 0;
  return shapes.map(({ weight, ...shape }, index) => {
    const from = Math.floor((payments * weightSoFar) / total);
    weightSoFar += weight;
    return {
      ...shape,
      payments: Math.floor((payments * weightSoFar) / total) - from,
      aging: index % 2 === 0 ? PARAMS_EXPIRED : TOKEN_ENDING,
      pauseMs: PAUSE_MS[shape.type],
    };
  });
}
