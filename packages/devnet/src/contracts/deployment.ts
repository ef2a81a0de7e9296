import { z } from 'zod';

const address = z.string().regex(/^0x[0-9a-fA-F]{40}$/);

/** What stands on a chain, and which chain that is. */
export const deploymentSchema = z.object({
  chainId: z.number().int().positive(),
  /** Hash of block 0: tells one development chain from the next, though ids and addresses agree. */
  genesisHash: z.string().regex(/^0x[0-9a-f]{64}$/),
  controller: address,
  ticketBroker: address,
  roundsManager: address,
  bondingManager: address,
  minter: address,
  livepeerToken: address,
  serviceRegistry: address,
});

export type Deployment = z.infer<typeof deploymentSchema>;

/** The names under which the Controller knows a contract. */
export const CONTRACT_NAMES = {
  ticketBroker: 'TicketBroker',
  roundsManager: 'RoundsManager',
  bondingManager: 'BondingManager',
  minter: 'Minter',
  livepeerToken: 'LivepeerToken',
  serviceRegistry: 'ServiceRegistry',
} as const;

export type ContractField = keyof typeof CONTRACT_NAMES;
