/** First four bytes of the hash of each function's signature. */
export const SELECTORS = {
  getContract: '0xe16c7d98',
  lastInitializedRound: '0x8807f36e',
  blockHashForRound: '0x3aa4add4',
  getSenderInfo: '0xe1a589da',
  isRegisteredTranscoder: '0x68ba170c',
  getServiceURI: '0x214c2a4b',
  getFirstTranscoderInPool: '0x88a6c749',
  getNextTranscoderInPool: '0x235c9603',
  currentRound: '0x8a19c8bc',
  unlockPeriod: '0x20d3a0b4',
  getTranscoderPoolSize: '0x2a4e0d55',
} as const;

/** keccak256 of the names under which the Controller knows its contracts. */
export const CONTRACT_IDS = {
  ticketBroker: '0xbd1aa3e8d2464256d7fd3dcf645c16418d5d8c51d971f1ad7d57e7b1b5eee239',
  roundsManager: '0xe8438ea868df48e3fc21f2f087b993c9b1837dc0f6135064161ce7d7a1701fe8',
  bondingManager: '0x2517d59a36a86548e38734e8ab416f42afff4bca78706a66ad65750dae7f9e37',
  serviceRegistry: '0x79c5d2a4a07754f4bacb0ffba18ac516030ee589ebc89db8627680c4d4cdb230',
} as const;

const WORD_CHARS = 64;
const WORD = /^[0-9a-f]{64}$/;
const ADDRESS_PADDING = '0'.repeat(24);

/** A number, address or hash as one word of call data. */
export function toWord(value: bigint | string): string {
  const hex = typeof value === 'bigint' ? value.toString(16) : value.slice(2).toLowerCase();
  return hex.padStart(WORD_CHARS, '0');
}

/**
 * The words of a call's result.
 *
 * @throws Error when there are not exactly that many: another contract stands at the address.
 */
export function readWords(result: unknown, count: number): string[] {
  const hex = typeof result === 'string' ? result.slice(2).toLowerCase() : '';
  const words = Array.from({ length: count }, (_, index) =>
    hex.slice(index * WORD_CHARS, (index + 1) * WORD_CHARS),
  );
  if (hex.length !== count * WORD_CHARS || !words.every((word) => WORD.test(word))) {
    throw new Error(`a contract answered another shape than ${count} words`);
  }
  return words;
}

/** A word as a number. */
export function wordToBigInt(word: string | undefined): bigint {
  return BigInt(`0x${word}`);
}

/**
 * A word as an address.
 *
 * @throws Error for what is none, and for the zero address: nothing is registered there.
 */
export function wordToAddress(word: string | undefined): string {
  if (!word?.startsWith(ADDRESS_PADDING) || /^0+$/.test(word)) {
    throw new Error('the Controller knows no such contract');
  }
  return `0x${word.slice(ADDRESS_PADDING.length)}`;
}
