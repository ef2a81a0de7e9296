import { join } from 'node:path';
import type { StartedProcess } from '@clearinghouse/embedded';
import { describeStack, readSettings } from '@clearinghouse/stack';
import { holdLock } from './start/hold-lock.ts';
import { runStack, stopStack } from './start/run-stack.ts';
import { stopOnSignal } from './start/stop-on-signal.ts';

// `npm start`: the whole stack on embedded defaults.

const NODE_MAJOR_MIN = 24;

async function main(): Promise<void> {
  const startedAt = performance.now();
  const say = (line: string) =>
    console.log(`${((performance.now() - startedAt) / 1000).toFixed(1).padStart(6)} s  ${line}`);
  if (Number(process.versions.node.split('.')[0]) < NODE_MAJOR_MIN) {
    throw new Error('Node 24 is needed and npm brings it: use `npm start`, not `node`');
  }
  const settings = readSettings(join(import.meta.dirname, '..'), process.env);
  const unlock = holdLock(settings.dataDir);
  const processes: StartedProcess[] = [];
  let stopping = false;
  const stop = async (code: number) => {
    if (stopping) return;
    stopping = true;
    const faults = await stopStack(processes).then(
      () => false,
      (error: unknown) => console.error(String(error)),
    );
    unlock();
    process.exit(faults === false ? code : 1);
  };
  stopOnSignal(async () => {
    say('stopping');
    await stop(0);
  });
  try {
    const stack = await runStack(settings, processes, say);
    console.log(
      describeStack(stack.dev, stack.devJsonPath, settings.redisUrl ? 'Redis' : 'Postgres'),
    );
    for (const child of processes) {
      void child.exited.then(async () => {
        if (stopping) return;
        console.error(`${child.name} has stopped; its log is in ${settings.dataDir}/logs`);
        await stop(1);
      });
    }
  } catch (error) {
    if (!stopping) console.error(`\n${error instanceof Error ? error.message : String(error)}`);
    await stop(1);
  }
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
});
