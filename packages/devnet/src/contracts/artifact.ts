import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { InterfaceAbi } from 'ethers';

/** What a contract is deployed and called with. */
export type Artifact = { readonly abi: InterfaceAbi; readonly bytecode: string };

const PATHS = {
  Controller: '@livepeer/sdk/abis/Controller.sol/Controller.json',
  TicketBroker: '@livepeer/sdk/abis/pm/TicketBroker.sol/TicketBroker.json',
} as const;

/** Livepeer's own build of a contract, as its SDK packages it. */
export function readArtifact(name: keyof typeof PATHS): Artifact {
  const path = createRequire(import.meta.url).resolve(PATHS[name]);
  const { abi, bytecode } = JSON.parse(readFileSync(path, 'utf8')) as Artifact;
  return { abi, bytecode };
}
