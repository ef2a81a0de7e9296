import type { Module, Plan, Result } from './module.ts';
import { REQUEST_MODULES } from './modules/authorization-requests.ts';
import { CONFIG_MODULES } from './modules/discovery.ts';
import { LOGOUT_MODULES } from './modules/logout.ts';
import { SCOPE_MODULES } from './modules/scopes.ts';
import { TOKEN_MODULES } from './modules/tokens-and-userinfo.ts';
import type { Suite } from './suite.ts';

/** The modules of each plan: 38, 1 and 11. */
export const PLANS: readonly (readonly [Plan, readonly Module[]])[] = [
  ['Basic OP', [...TOKEN_MODULES, ...SCOPE_MODULES, ...REQUEST_MODULES]],
  ['Config OP', CONFIG_MODULES],
  ['RP-Initiated Logout OP', LOGOUT_MODULES],
];

const AT_ONCE = 4;

/** Runs all modules, some at once: some of them wait. @returns the results in their order. */
export async function runModules(suite: Suite): Promise<Result[]> {
  const waiting = PLANS.flatMap(([plan, modules]) => modules.map((module) => ({ plan, module })));
  const results = new Map<Module, Result>();
  const queue = [...waiting];
  const work = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      results.set(next.module, await runModule(next.plan, next.module, suite));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return waiting.flatMap(({ module }) => results.get(module) ?? []);
}

async function runModule(plan: Plan, module: Module, suite: Suite): Promise<Result> {
  const { name } = module;
  try {
    const reason = await module.run(suite);
    return { plan, name, verdict: reason ? 'not offered' : 'pass', detail: reason ?? '' };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { plan, name, verdict: 'fail', detail: detail.split('\n').slice(0, 3).join(' ') };
  }
}
