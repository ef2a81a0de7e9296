import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Artifact } from './artifact.ts';

const NAME = 'MockLivepeer';
const FILE = `${NAME}.sol`;

type Compiler = { compile: (input: string) => string };
type Output = {
  errors?: { severity: string; formattedMessage: string }[];
  contracts?: Record<
    string,
    Record<string, { abi: Artifact['abi']; evm: { bytecode: { object: string } } }>
  >;
};

let compiled: Artifact | undefined;

/** Compiles our own contract with the solc that npm ships: offline, once per process. */
export function compileMock(): Artifact {
  compiled ??= compile();
  return compiled;
}

function compile(): Artifact {
  // Loaded only here: nine megabytes that most starts of this package never need.
  const solc = createRequire(import.meta.url)('solc') as Compiler;
  const input = {
    language: 'Solidity',
    sources: { [FILE]: { content: readFileSync(join(import.meta.dirname, FILE), 'utf8') } },
    settings: {
      evmVersion: 'paris',
      optimizer: { enabled: true, runs: 200 },
      outputSelection: { [FILE]: { [NAME]: ['abi', 'evm.bytecode.object'] } },
    },
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input))) as Output;
  const fault = output.errors?.find(({ severity }) => severity === 'error');
  if (fault) throw new Error(fault.formattedMessage);
  const contract = output.contracts?.[FILE]?.[NAME];
  if (!contract) throw new Error(`solc gave no ${NAME}`);
  return { abi: contract.abi, bytecode: `0x${contract.evm.bytecode.object}` };
}
