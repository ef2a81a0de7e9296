import { createLog, systemClock } from '@clearinghouse/shared';
import { createTestEvm, type TestEvm } from '@clearinghouse/testing';
import { Contract, id, JsonRpcProvider, Wallet } from 'ethers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRpc } from '../chain/call-rpc.ts';
import { guardSockets, type SocketGuard } from '../egress/guard-sockets.ts';
import { createRecipientReader } from '../policy/read-recipient.ts';
import {
  type OrchestratorDouble,
  startOrchestratorDouble,
} from '../testing/orchestrator-double.ts';
import { SIGNER_WALLET } from '../testing/start-signer.ts';
import { askOrchestrator } from './ask-orchestrator.ts';
import { askRunners } from './ask-runners.ts';
import { resolveNode } from './node.ts';
import { readPool } from './read-pool.ts';

const CONTROLLER_ABI = ['function getContract(bytes32) view returns (address)'];
const REGISTRY_ABI = ['function setServiceURI(string)'];

describe('10: orchestrators that the chain names', () => {
  let evm: TestEvm;
  let provider: JsonRpcProvider;
  beforeAll(async () => {
    evm = await createTestEvm({ senderAddress: SIGNER_WALLET.address });
    provider = new JsonRpcProvider(evm.rpcUrl, undefined, { cacheTimeout: -1 });
  });
  afterAll(async () => {
    provider?.destroy();
    await evm?.stop();
  });

  const pool = () => {
    const rpc = createRpc({ url: evm.rpcUrl, fetch });
    const controllerAddress = evm.contracts.controller;
    const registries = { isAsked: true, extraAddress: undefined };
    const readRecipient = createRecipientReader(
      { rpc, monotonicMs: systemClock.monotonicMs },
      { controllerAddress, registries },
    );
    return readPool({ rpc, controllerAddress, readRecipient });
  };
  async function register(uri: string): Promise<void> {
    const { address } = Wallet.createRandom();
    await provider.send('anvil_impersonateAccount', [address]);
    await provider.send('anvil_setBalance', [address, '0xde0b6b3a7640000']);
    const controller = new Contract(evm.contracts.controller, CONTROLLER_ABI, provider);
    const registry = await controller.getFunction('getContract')(id('ServiceRegistry'));
    const contract = new Contract(registry, REGISTRY_ABI, await provider.getSigner(address));
    await (await contract.getFunction('setServiceURI')(uri)).wait();
  }

  test('the whole pool in its order, each service URI once', async () => {
    expect(await pool()).toEqual([]);
    for (const uri of [
      'https://a.example:8935',
      'https://b.example',
      'https://a.example:8935',
      '',
    ]) {
      await register(uri);
    }
    expect(await pool()).toEqual(['https://a.example:8935', 'https://b.example']);
  });
});

describe('10: whom a stranger names', () => {
  test.each([
    'https://127.0.0.1:8935',
    'https://[::1]:8935',
    'https://10.1.2.3:8935',
    'https://169.254.169.254',
    'https://[::ffff:192.168.0.1]:8935',
    'https://localhost:8935',
    'http://203.0.113.9',
    'file:///etc/passwd',
    'no url',
  ])('%s is not connected to', async (uri) => {
    await expect(resolveNode(uri, { onlyPublic: true })).rejects.toThrow();
  });

  test('what the operator names may be on a private network', async () => {
    const node = await resolveNode('https://127.0.0.1:8935/', { onlyPublic: false });
    expect(node).toEqual({
      uri: 'https://127.0.0.1:8935',
      host: '127.0.0.1',
      port: 8935,
      ip: '127.0.0.1',
    });
  });
});

describe('discovery where sockets are guarded', () => {
  let guard: SocketGuard;
  let double: OrchestratorDouble;
  beforeAll(async () => {
    double = await startOrchestratorDouble({
      models: [{ capability: 35, model: 'scope', price: [5n, 1n] }],
      discovery: () => '[]',
    });
    guard = guardSockets({ places: [], log: createLog({ service: 'signer', level: 'silent' }) });
  });
  afterAll(async () => {
    guard?.stop();
    await double?.stop();
  });

  test('hosts that only the source names are let through, and only for discovery', async () => {
    const node = await resolveNode(double.uri, { onlyPublic: false });
    const request = Buffer.alloc(0);
    const offer = await guard.allowWithin(() => askOrchestrator(node, request));
    expect(offer.prices).toHaveLength(1);
    expect(await guard.allowWithin(() => askRunners(node))).toBe('[]');
    await expect(askRunners(node)).rejects.toThrow(/refused/);
    await expect(askOrchestrator(node, request)).rejects.toThrow('gRPC status');
  });
});
