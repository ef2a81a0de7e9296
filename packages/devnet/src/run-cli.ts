import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import { createLog } from '@clearinghouse/shared';
import { startAnvil } from './anvil/start-anvil.ts';
import { readDevnetConfig } from './config.ts';
import { ensureDevnet } from './ensure-devnet.ts';

/**
 * The development chain as a process: starts anvil, sees that contracts and funds are there, and
 * answers `/healthz` on the loopback one port above the chain's.
 */
async function runDevnet(): Promise<void> {
  const config = readDevnetConfig(process.env);
  const log = createLog({ service: 'devnet' });
  const anvil = await startAnvil({
    host: config.DEVNET_HOST,
    port: config.DEVNET_PORT,
    stateFile: config.DEVNET_STATE_FILE,
    ...(config.DEVNET_BLOCK_TIME_SEC ? { blockTimeSec: config.DEVNET_BLOCK_TIME_SEC } : {}),
    onNotice: (line) => log.warn(line),
  });
  let stopping = false;
  const stop = async () => {
    stopping = true;
    await anvil.stop();
    process.exit(0);
  };
  process.once('SIGTERM', () => void stop());
  process.once('SIGINT', () => void stop());
  const { deployment, fresh, chainEpoch } = await ensureDevnet({
    rpcUrl: anvil.rpcUrl,
    deploymentFile: join(dirname(config.DEVNET_STATE_FILE), 'deployment.json'),
    depositWei: config.DEVNET_DEPOSIT_WEI,
    reserveWei: config.DEVNET_RESERVE_WEI,
    ...(config.DEVNET_KEYSTORE_ADDRESS ? { senderAddress: config.DEVNET_KEYSTORE_ADDRESS } : {}),
  });
  log.info({ controller: deployment.controller, fresh, chainEpoch }, 'development chain is ready');
  createServer((request, response) => {
    response.statusCode = request.url === '/healthz' ? 200 : 404;
    response.end();
  }).listen(config.DEVNET_PORT + 1, '127.0.0.1');
  await anvil.exited;
  if (!stopping) {
    log.error('anvil has ended');
    process.exit(1);
  }
}

await runDevnet();
