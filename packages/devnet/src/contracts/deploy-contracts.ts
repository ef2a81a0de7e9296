import {
  AbiCoder,
  concat,
  getCreateAddress,
  Interface,
  id,
  type JsonRpcProvider,
  Wallet,
} from 'ethers';
import { type Outgoing, sendAll } from '../chain/send-all.ts';
import { withProvider } from '../chain/with-provider.ts';
import { DEVNET_DEPLOYER_KEY, DEVNET_LIMITS } from '../limits.ts';
import { type Artifact, readArtifact } from './artifact.ts';
import { compileMock } from './compile-mock.ts';
import { CONTRACT_NAMES, type Deployment } from './deployment.ts';
import { lookUpContracts } from './look-up-contracts.ts';

/** As configured on Arbitrum One. */
const UNLOCK_PERIOD_ROUNDS = 2n;
const TICKET_VALIDITY_ROUNDS = 2n;
const GIT_COMMIT = '0x0000000000000000000000000000000000000000';

/**
 * Deploys Livepeer's Controller and TicketBroker with our stand-in for the contracts around
 * them, and registers all in the Controller. On a fresh chain the addresses are always the same.
 *
 * @returns the addresses as the Controller gives them.
 */
export function deployContracts(options: {
  rpcUrl: string;
  deployerKey?: string;
}): Promise<Deployment> {
  const wallet = new Wallet(options.deployerKey ?? DEVNET_DEPLOYER_KEY);
  return withProvider(options.rpcUrl, async (provider) => {
    const controller = await deployAll(provider, wallet);
    return lookUpContracts(provider, controller);
  });
}

async function deployAll(provider: JsonRpcProvider, wallet: Wallet): Promise<string> {
  const nonce = await provider.getTransactionCount(wallet.address, 'pending');
  const at = (offset: number) => getCreateAddress({ from: wallet.address, nonce: nonce + offset });
  const [controller, mock, broker] = [at(0), at(1), at(2)];
  const controllerArtifact = readArtifact('Controller');
  const brokerArtifact = readArtifact('TicketBroker');
  const controllerCall = (name: string, values: readonly unknown[]) =>
    call(controllerArtifact, controller, name, values);
  const brokerCall = (name: string, values: readonly unknown[]) =>
    call(brokerArtifact, broker, name, values);
  await sendAll(provider, wallet, [
    create(controllerArtifact, []),
    create(compileMock(), [controller]),
    create(brokerArtifact, [controller]),
    ...Object.values(CONTRACT_NAMES).map((name) => {
      const address = name === CONTRACT_NAMES.ticketBroker ? broker : mock;
      return controllerCall('setContractInfo', [id(name), address, GIT_COMMIT]);
    }),
    brokerCall('setUnlockPeriod', [UNLOCK_PERIOD_ROUNDS]),
    brokerCall('setTicketValidityPeriod', [TICKET_VALIDITY_ROUNDS]),
    // Livepeer's Controller is born paused.
    controllerCall('unpause', []),
  ]);
  return controller;
}

function create(artifact: Artifact, addresses: readonly string[]): Outgoing {
  const types = addresses.map(() => 'address');
  const tail = AbiCoder.defaultAbiCoder().encode(types, addresses);
  return { data: concat([artifact.bytecode, tail]), gas: DEVNET_LIMITS.deployGas };
}

function call(artifact: Artifact, to: string, name: string, values: readonly unknown[]): Outgoing {
  const data = new Interface(artifact.abi).encodeFunctionData(name, values);
  return { to, data, gas: DEVNET_LIMITS.callGas };
}
