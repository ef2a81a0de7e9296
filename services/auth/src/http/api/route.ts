import { shapeOf } from '@clearinghouse/shared';
import type { Middleware } from 'koa';
import type { CreateApiKeyDeps } from '../../api-keys/create-api-key.ts';
import type { ReportLeakDeps } from '../../api-keys/report-leaked-key.ts';
import type { AuthenticateDeps } from '../../clients/authenticate-caller.ts';
import type { ForwardDeps } from '../../forward/forward-request.ts';
import type { AuthorizeRequestDeps } from '../../forward-auth/authorize-request.ts';
import type { Access, Described, Operation } from '../../openapi/operation.ts';
import type { ConsumeRate } from '../../rate-limits/rate-limit.ts';
import type { RotateKeysDeps } from '../../signing-keys/rotate-signing-keys.ts';
import type { ExchangeRouteDeps } from '../exchange.ts';
import { requireAdmin, requireApp, requirePerson, requireUser } from '../require-caller.ts';
import type { TeamRouteDeps } from '../team-routes.ts';

/** What the handlers of the API need. */
export type RouteDeps = AuthenticateDeps &
  AuthorizeRequestDeps &
  CreateApiKeyDeps &
  ExchangeRouteDeps &
  ForwardDeps &
  ReportLeakDeps &
  RotateKeysDeps &
  TeamRouteDeps & {
    readonly consumeRate: ConsumeRate;
    readonly webhookSecret: string | undefined;
    /** Of the pages that links lead to. */
    readonly origin: string;
  };

/** A route of the API: what it is, and what answers. There is none without a description. */
export type ApiRoute = Operation & {
  readonly handle: (deps: RouteDeps) => Middleware;
  /** What comes before the caller is known. */
  readonly before?: (deps: RouteDeps) => Middleware;
  /** What is parsed elsewhere: by billing, of a forwarded request. */
  readonly input?: Described['input'];
};

/** A route that can be served and described. */
export type BoundRoute = Described & { readonly stack: readonly Middleware[] };

/** Makes the handlers of a table; what they parse with becomes their description. */
export function bindRoutes(deps: RouteDeps, table: readonly ApiRoute[]): BoundRoute[] {
  return table.map(({ handle, before, ...operation }) => {
    const handler = handle(deps);
    const guards = [...(before ? [before(deps)] : []), ...guardOf(deps, operation.access)];
    const input = operation.input ?? shapeOf(handler);
    return { ...operation, input, stack: [...guards, handler] };
  });
}

function guardOf(deps: RouteDeps, access: Access): Middleware[] {
  if (access.who === 'app') return [requireApp(deps, access.scope)];
  if (access.who === 'admin') return [requireAdmin(deps)];
  if (access.who === 'person') return [requirePerson(deps)];
  return access.who === 'user' ? [requireUser(deps)] : [];
}
