import type { Context, Middleware } from 'koa';

/** Is what this service cannot work without there? Each check resolves or rejects. */
export type ReadyChecks = Readonly<Record<string, () => Promise<unknown>>>;

/**
 * `/healthz`: the process serves. `/readyz`: it can do its work, with a word for each part.
 * Both under any host name, so that a probe needs to know none.
 */
export function health(checks: ReadyChecks, timeoutMs: number): Middleware {
  return (ctx, next) => {
    if (ctx.path === '/readyz') return answerReady(ctx);
    if (ctx.path !== '/healthz') return next();
    ctx.body = { status: 'ok' };
    return undefined;
  };

  async function answerReady(ctx: Context): Promise<void> {
    const entries = await Promise.all(
      Object.entries(checks).map(async ([name, check]) => [name, await passes(check, timeoutMs)]),
    );
    const ready = entries.every(([, result]) => result === 'ok');
    ctx.status = ready ? 200 : 503;
    ctx.body = { status: ready ? 'ok' : 'unavailable', checks: Object.fromEntries(entries) };
  }
}

async function passes(check: () => Promise<unknown>, timeoutMs: number): Promise<string> {
  const timeout = new Promise<string>((resolve) => {
    setTimeout(() => resolve('timeout'), timeoutMs).unref();
  });
  const result = check().then(
    () => 'ok',
    () => 'failed',
  );
  return Promise.race([result, timeout]);
}
