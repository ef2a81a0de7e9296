import { systemClock } from '@clearinghouse/shared';
import { createTestEvm, type TestEvm } from '@clearinghouse/testing';
import { Contract, id, JsonRpcProvider, Wallet } from 'ethers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRpc } from '../chain/call-rpc.ts';
import { SIGNER_WALLET } from '../testing/start-signer.ts';
import { createRecipientReader } from './read-recipient.ts';

const URI = 'https://orchestrator.example:8935/a-path-that-is-longer-than-thirty-two-bytes';
const CONTROLLER_ABI = [
  'function getContract(bytes32) view returns (address)',
  'function owner() view returns (address)',
];
const MOCK_ABI = ['function setServiceURI(string)', 'function setRegistered(address, bool)'];

describe('recipients on a real chain', () => {
  let evm: TestEvm;
  let provider: JsonRpcProvider;
  let controller: Contract;
  const orchestrator = Wallet.createRandom().address;

  beforeAll(async () => {
    evm = await createTestEvm({ senderAddress: SIGNER_WALLET.address });
    provider = new JsonRpcProvider(evm.rpcUrl, undefined, { cacheTimeout: -1 });
    controller = new Contract(evm.contracts.controller, CONTROLLER_ABI, provider);
  });
  afterAll(async () => {
    provider?.destroy();
    await evm?.stop();
  });

  const read = (change: { isAsked?: boolean; extraAddress?: string; controller?: string } = {}) =>
    createRecipientReader(
      { rpc: createRpc({ url: evm.rpcUrl, fetch }), monotonicMs: systemClock.monotonicMs },
      {
        controllerAddress: change.controller ?? evm.contracts.controller,
        registries: { isAsked: change.isAsked ?? true, extraAddress: change.extraAddress },
      },
    )(orchestrator.toLowerCase());

  const addressOf = (name: string): Promise<string> =>
    controller.getFunction('getContract')(id(name));

  /** Sends as any account: anvil lets it. */
  async function send(from: string, name: string, method: string, values: unknown[]) {
    await provider.send('anvil_impersonateAccount', [from]);
    await provider.send('anvil_setBalance', [from, '0xde0b6b3a7640000']);
    const signer = await provider.getSigner(from);
    const contract = new Contract(await addressOf(name), MOCK_ABI, signer);
    await (await contract.getFunction(method)(...values)).wait();
  }

  test('reachable where it says that it is', async () => {
    expect(await read()).toEqual({ isRegistered: true, serviceUris: [] });
    await send(orchestrator, 'ServiceRegistry', 'setServiceURI', [URI]);
    expect(await read()).toEqual({ isRegistered: true, serviceUris: [URI] });
    expect(await read({ isAsked: false })).toEqual({ isRegistered: true, serviceUris: [] });
  });

  test('registered until it is no more', async () => {
    const owner: string = await controller.getFunction('owner')();
    await send(owner, 'BondingManager', 'setRegistered', [orchestrator, false]);
    expect((await read()).isRegistered).toBe(false);
    await send(owner, 'BondingManager', 'setRegistered', [orchestrator, true]);
    expect((await read()).isRegistered).toBe(true);
  });

  test('the registry that the Controller does not know is asked too', async () => {
    const registry = await addressOf('ServiceRegistry');
    const found = await read({ extraAddress: registry.toLowerCase() });
    expect(found.serviceUris).toEqual([URI, URI]);
  });

  test('an address that is no Controller, and a registry that is none', async () => {
    const nowhere = Wallet.createRandom().address.toLowerCase();
    await expect(read({ controller: nowhere })).rejects.toThrow(/another shape/);
    await expect(read({ extraAddress: nowhere })).rejects.toThrow(/no text/);
  });
});
