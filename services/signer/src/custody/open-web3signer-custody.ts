import { type Address, type Logger, parseAddress } from '@clearinghouse/shared';
import { getAddress } from 'ethers';
import { eip191Bytes } from '../tickets/eth-sign-digest.ts';
import { keccak256 } from '../tickets/keccak.ts';
import type { Account, Custody } from './account.ts';
import {
  createWeb3SignerClient,
  type Web3SignerClient,
  type Web3SignerOptions,
} from './call-web3signer.ts';
import { CustodyFault } from './custody-fault.ts';
import { putActiveFirst } from './put-active-first.ts';
import { addressOf, recoverFromDigest } from './recover-signer.ts';
import { hashTickets, ownAddressMessage, segmentMessage, stateMessage } from './signing-message.ts';
import { type TransactionTerms, unsignedTransaction } from './transaction.ts';

const SIGNATURE = /^0x[0-9a-f]{130}$/i;
const PUBLIC_KEY = /^0x(04)?([0-9a-f]{128})$/i;
const HASH_BYTES = 32;
const SIGNATURE_BYTES = 65;

export type Web3SignerCustodyOptions = Web3SignerOptions & {
  readonly activeAddress: string;
  /** Accounts whose sessions run out; others that it holds are not ours. */
  readonly otherAddresses: readonly string[];
  /** Where transactions may go; absent: none is signed. */
  readonly transactions?: TransactionTerms;
};

/** Its key in a Web3Signer, by the name that it has there. */
type RemoteKey = {
  readonly address: Address;
  readonly identifier: string;
  /** 65 bytes. */
  readonly publicKey: Uint8Array;
};

/**
 * Opens the accounts of a Web3Signer, by its published eth1 interface: `publicKeys` names its keys,
 * `sign` gives keccak256 over the data it is sent, signed. So it is sent the whole EIP-191 message,
 * prefix and all, and the contract reads its signatures as it reads ours.
 *
 * Each answer is checked before use. What it signs must be the same every time: a vault that draws
 * its nonces at random would let a retried payment draw the lottery anew, and is refused.
 *
 * @throws Error with a line that says what is wrong; CustodyFault when it cannot be reached.
 */
export async function openWeb3SignerCustody(
  deps: { readonly log: Logger },
  options: Web3SignerCustodyOptions,
): Promise<Custody> {
  const client = createWeb3SignerClient(options);
  try {
    const ours = new Set([options.activeAddress, ...options.otherAddresses]);
    const keys = (await listKeys(client)).filter(({ address }) => ours.has(address));
    const accounts = await Promise.all(
      keys.map((key) => openAccount(deps, { client, key, terms: options.transactions })),
    );
    for (const address of ours) {
      if (accounts.some((account) => account.address === address)) continue;
      throw new Error(`WEB3SIGNER_URL: it has no key of the account ${address}`);
    }
    return {
      accounts: putActiveFirst(accounts, options.activeAddress, 'WEB3SIGNER_URL'),
      close: client.close,
    };
  } catch (error) {
    client.close();
    throw error;
  }
}

async function listKeys({ call }: Web3SignerClient): Promise<RemoteKey[]> {
  const names = parseJson(await call('/api/v1/eth1/publicKeys'));
  if (!Array.isArray(names)) throw new Error('WEB3SIGNER_URL: it answers no list of keys');
  return names.flatMap((name: unknown) => {
    const match = typeof name === 'string' ? PUBLIC_KEY.exec(name) : null;
    if (!match?.[2]) return [];
    const publicKey = Buffer.from(`04${match[2]}`, 'hex');
    const address = parseAddress(`0x${Buffer.from(addressOf(publicKey)).toString('hex')}`);
    return address ? [{ address, identifier: match[0], publicKey }] : [];
  });
}

type Place = { readonly client: Web3SignerClient; readonly key: RemoteKey };

async function openAccount(
  deps: { readonly log: Logger },
  { terms, ...place }: Place & { readonly terms: TransactionTerms | undefined },
): Promise<Account> {
  const { key } = place;
  const sign = (message: Uint8Array) => signChecked(deps, place, eip191Bytes(message));
  const checksumAddress = getAddress(key.address);
  const own = ownAddressMessage(checksumAddress);
  const [infoSignature, ...again] = await Promise.all([sign(own), sign(own), sign(own)]);
  if (!again.every((one) => Buffer.compare(one, infoSignature) === 0)) {
    throw new Error(
      'WEB3SIGNER_URL: its vault signs the same thing differently each time; with such keys a ' +
        'retried payment would draw the lottery anew: use keys that sign by RFC 6979',
    );
  }
  const sender = Buffer.from(key.address.slice(2), 'hex');
  return {
    address: key.address,
    checksumAddress,
    signTickets: async (batch) => {
      const messages: Uint8Array[] = [];
      hashTickets(sender, batch, (hash) => messages.push(Uint8Array.from(hash)));
      const made = await Promise.all(messages.map(sign));
      return {
        hashes: concat(messages, HASH_BYTES),
        signatures: concat(made, SIGNATURE_BYTES),
      };
    },
    signSegment: async (manifestId) => sign(segmentMessage(manifestId)),
    signState: async (stateBytes) => sign(stateMessage(stateBytes)),
    signOrchestratorInfo: () => Uint8Array.from(infoSignature),
    verifyState: (stateBytes, signature) => isSignedBy(key, eip191Bytes(stateBytes), signature),
    // It hashes what it is sent, and so does whoever checks a transaction.
    signTransaction: async (transaction) =>
      signChecked(deps, place, unsignedTransaction(terms, transaction)),
  };
}

/** Has bytes signed by their keccak256. */
async function signChecked(
  { log }: { readonly log: Logger },
  { client, key }: Place,
  bytes: Uint8Array,
): Promise<Uint8Array> {
  const data = `0x${Buffer.from(bytes).toString('hex')}`;
  const path = `/api/v1/eth1/sign/${key.identifier}`;
  const text = (await client.call(path, JSON.stringify({ data }))).trim();
  const signature = SIGNATURE.test(text) ? Buffer.from(text.slice(2), 'hex') : undefined;
  if (signature && isSignedBy(key, bytes, signature)) return signature;
  log.error(
    { alarm: 'custody_wrong_signature', address: key.address },
    'the custody service answered what is not our account’s signature',
  );
  throw new CustodyFault('wrong_signature', 'Web3Signer answered no signature of ours');
}

/** By the rules of the contract too: 65 bytes, low s, v 27 or 28. */
function isSignedBy(key: RemoteKey, bytes: Uint8Array, signature: Uint8Array): boolean {
  const recovered = recoverFromDigest(keccak256(bytes), signature);
  return recovered.ok && Buffer.compare(recovered.publicKey, key.publicKey) === 0;
}

function concat(parts: readonly Uint8Array[], bytesEach: number): Uint8Array {
  const whole = new Uint8Array(parts.length * bytesEach);
  for (const [index, part] of parts.entries()) whole.set(part, index * bytesEach);
  return whole;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
