import { findFreePort, type StartedProcess, stopInOrder } from '@clearinghouse/embedded';
import {
  type Foundation,
  type FundedChain,
  startFoundation,
  startFundedChain,
} from '@clearinghouse/stack';
import { type DrillRedis, runRedis } from './run-redis.ts';

/** What the services of a drill lean on, in one folder. */
export type Servers = Foundation & {
  readonly redis: DrillRedis;
  readonly chain: FundedChain;
};

/** Starts Postgres with fsync on, Redis and a funded chain, all on free ports. */
export async function startServers(): Promise<Servers> {
  const foundation = await startFoundation('clearinghouse-drill-');
  const { dataDir, keystore, postgres } = foundation;
  const started: StartedProcess[] = [postgres.process];
  try {
    const redis = await runRedis(dataDir);
    started.push(redis.process());
    const chain = await startFundedChain({
      dataDir,
      folder: dataDir,
      port: await findFreePort(),
      senderAddress: keystore.address,
    });
    return { ...foundation, redis, chain };
  } catch (error) {
    await stopInOrder(started);
    throw error;
  }
}
