import { readWords, SELECTORS, toWord, wordToBigInt } from '../chain/abi.ts';
import type { CallRpc } from '../chain/call-rpc.ts';
import { type ContractName, findContract } from '../chain/find-contract.ts';
import { RUNTIME_LIMITS } from '../limits.ts';
import type { RecipientFacts } from './recipient.ts';

export type ReadRecipientDeps = {
  readonly rpc: CallRpc;
  readonly monotonicMs: () => number;
};

export type ReadRecipientOptions = {
  readonly controllerAddress: string;
  /** Ask the ServiceRegistry too, and this one, which the Controller does not know. */
  readonly registries: { readonly isAsked: boolean; readonly extraAddress: string | undefined };
};

type Places = { readonly bondingManager: string; readonly registries: readonly string[] };

/**
 * Makes the reads of one account, at the latest block.
 *
 * @throws Error when the node or a contract does not answer as it should.
 */
export function createRecipientReader(
  deps: ReadRecipientDeps,
  options: ReadRecipientOptions,
): (address: string) => Promise<RecipientFacts> {
  let known: { readonly places: Places; readonly atMs: number } | undefined;
  const call = (to: string, data: string) => deps.rpc('eth_call', [{ to, data }, 'latest']);
  const find = (name: ContractName) => findContract(call, options.controllerAddress, name);
  const lookUp = async (): Promise<Places> => {
    const nowMs = deps.monotonicMs();
    if (known && nowMs - known.atMs <= RUNTIME_LIMITS.contractsMaxAgeMs) return known.places;
    const { isAsked, extraAddress } = options.registries;
    const [bondingManager, ...registries] = await Promise.all([
      find('bondingManager'),
      ...(isAsked ? [find('serviceRegistry')] : []),
    ]);
    const extra = isAsked && extraAddress !== undefined ? [extraAddress] : [];
    const places = { bondingManager, registries: [...registries, ...extra] };
    known = { places, atMs: nowMs };
    return places;
  };
  return async (address) => {
    const { bondingManager, registries } = await lookUp();
    const word = toWord(address);
    const [registered, ...uris] = await Promise.all([
      call(bondingManager, `${SELECTORS.isRegisteredTranscoder}${word}`),
      ...registries.map((registry) => call(registry, `${SELECTORS.getServiceURI}${word}`)),
    ]);
    return {
      isRegistered: wordToBigInt(readWords(registered, 1)[0]) === 1n,
      serviceUris: uris.map(readText).filter((uri) => uri !== ''),
    };
  };
}

/** A string as a contract returns it: where it begins, its length, its bytes. */
function readText(result: unknown): string {
  const hex = typeof result === 'string' ? result.slice(2) : '';
  if (!/^([0-9a-f]{64}){2,}$/i.test(hex)) throw new Error('a registry answered no text');
  const bytes = Buffer.from(hex, 'hex');
  const length = Number(BigInt(`0x${hex.slice(64, 128)}`));
  if (BigInt(`0x${hex.slice(0, 64)}`) !== 32n || length > bytes.length - 64) {
    throw new Error('a registry answered no text');
  }
  return bytes.subarray(64, 64 + length).toString('utf8');
}
