import { ConfigError } from '@clearinghouse/shared';
import { describe, expect, test } from 'vitest';
import { readConfig } from './config.ts';

const KEY = `k1:${'0'.repeat(64)}`;
const BASE = {
  ISSUER: 'http://127.0.0.1:4000/api/v1/oidc',
  AUTH_JWKS_URL: 'http://127.0.0.1:4000/api/v1/oidc/jwks',
  REDIS_URL: 'redis://127.0.0.1',
  QUEUE_KEY_SIGNER_TO_BILLING: KEY,
  QUEUE_KEY_BILLING_TO_SIGNER: KEY,
  QUEUE_KEY_SIGNER_TO_AUTH: KEY,
  QUEUE_KEY_AUTH_TO_SIGNER: KEY,
  KEYSTORE_FILE: '/keystore.json',
  KEYSTORE_PASSWORD: 'p',
  SESSION_SECRET: 's'.repeat(32),
  JOURNAL_DIR: '/journal',
};
const read = (change: Record<string, string | undefined> = {}) =>
  readConfig({ ...BASE, ...change });

function faults(change: Record<string, string | undefined>): readonly string[] {
  try {
    read(change);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
  }
  return [];
}

describe('defaults', () => {
  test('are go-livepeer’s, but for the reserve of a session', () => {
    expect(read().policy).toEqual({
      maxTicketEvWei: { num: 3_000_000_000_000n, den: 1n },
      maxTotalEvWei: { num: 20_000_000_000_000n, den: 1n },
      depositMultiplier: 1n,
      sessionIdleMaxSec: 600,
      sessionReserveSec: 15,
      acceptUnboundState: false,
    });
    expect(read().ceilings).toEqual({ maxPrice: undefined, capabilityPrices: new Map() });
  });

  test('nothing dangerous, no metrics, this machine only', () => {
    expect(read()).toMatchObject({
      host: '127.0.0.1',
      port: 4002,
      metricsPort: undefined,
      isOrchestratorInfoOpen: false,
      allowsJsCurve: false,
      chainMaxAgeMs: 60_000,
      adoptAfterMs: 15_000,
    });
  });
});

describe('the chain', () => {
  test('is off without an RPC address, an empty one too', () => {
    expect(read().chain).toBeUndefined();
    expect(read({ ETH_RPC_URL: '' }).chain).toBeUndefined();
  });

  test('is Arbitrum One unless another Controller is named', () => {
    expect(read({ ETH_RPC_URL: 'https://rpc.example' }).chain).toMatchObject({
      controllerAddress: '0xd8e8328501e9645d16cf49539efc04f734606ee4',
      chainId: 42_161n,
    });
    const controller = `0x${'AB'.repeat(20)}`;
    const other = read({ ETH_RPC_URL: 'https://rpc.example', CONTROLLER_ADDRESS: controller });
    expect(other.chain).toMatchObject({
      controllerAddress: controller.toLowerCase(),
      chainId: undefined,
    });
  });

  test('is watched from now on, 20 blocks behind; at once where blocks are made by hand', () => {
    const arbitrum = { ETH_RPC_URL: 'https://rpc.example' };
    expect(read(arbitrum).chain).toMatchObject({
      ticketBroker: '0xa8bb618b1520e284046f3dfc448851a1ff26e41b',
      epoch: '42161-one',
      watch: { confirmations: 20, startBlock: undefined, rangeMax: 2_000, pollMs: 15_000 },
    });
    const devnet = { ...arbitrum, CONTROLLER_ADDRESS: `0x${'ab'.repeat(20)}`, CHAIN_ID: '31337' };
    expect(read(devnet).chain).toMatchObject({
      ticketBroker: undefined,
      epoch: undefined,
      watch: { confirmations: 0 },
    });
    expect(read({ ...arbitrum, CHAIN_WATCH: '0' }).chain?.watch).toBeUndefined();
  });

  test('may have a second node, which the process may connect to', () => {
    const two = { ETH_RPC_URL: 'https://one.example', ETH_RPC_URL_2: 'https://two.example:8547' };
    expect(read(two).chain?.secondRpcUrl).toBe('https://two.example:8547');
    expect(read(two).egress).toContainEqual({ host: 'two.example', port: 8547 });
    expect(faults({ ETH_RPC_URL_2: 'https://two.example' })).toEqual([
      'ETH_RPC_URL_2: set ETH_RPC_URL too',
    ]);
  });

  test('has a name that begins with its id', () => {
    const chain = { ETH_RPC_URL: 'https://rpc.example', CHAIN_EPOCH: '31337-a' };
    expect(faults(chain)).toEqual(['CHAIN_EPOCH: begins with 42161-']);
  });
});

describe('prices', () => {
  test('a ceiling is price over pixels, exactly', () => {
    const { maxPrice: maxPriceWei } = read({
      MAX_PRICE_PER_UNIT: '1.5',
      PIXELS_PER_UNIT: '3',
    }).ceilings;
    expect((maxPriceWei?.num ?? 0n) * 2n).toBe(maxPriceWei?.den);
  });

  test('0 is no ceiling', () => {
    expect(read({ MAX_PRICE_PER_UNIT: '0' }).ceilings.maxPrice).toBeUndefined();
  });
});

describe('policy', () => {
  const chain = { ETH_RPC_URL: 'https://rpc.example' };
  const registered = (change: Record<string, string>) =>
    read(change).signing.rules.recipients.mustBeRegistered;

  test('recipients must be registered on Arbitrum One, elsewhere where that is wanted', () => {
    expect(registered(chain)).toBe(true);
    expect(registered({ ...chain, POLICY_REGISTERED_RECIPIENTS: '0' })).toBe(false);
    const devnet = { ...chain, CONTROLLER_ADDRESS: `0x${'ab'.repeat(20)}`, CHAIN_ID: '31337' };
    expect(registered(devnet)).toBe(false);
    expect(registered({ ...devnet, POLICY_REGISTERED_RECIPIENTS: '1' })).toBe(true);
  });

  test('nothing else is bounded unless told, and nothing is a dry run', () => {
    expect(read().signing.rules).toEqual({
      isDryRun: false,
      bounds: {},
      recipients: { mustBeRegistered: false, mustBeOrchestrator: false, mustServeThere: false },
      recipientHourMaxWei: undefined,
    });
  });

  test('an hour’s value is divided among the replicas, rounded down', () => {
    const change = { POLICY_RECIPIENT_EV_HOUR_MAX_WEI: '1000', POLICY_REPLICAS: '3' };
    expect(read(change).signing.rules.recipientHourMaxWei).toBe(333n);
  });

  test.each<[string, Record<string, string>]>([
    ['POLICY_REGISTERED_RECIPIENTS', { POLICY_REGISTERED_RECIPIENTS: '1' }],
    ['POLICY_SERVICE_URI', { POLICY_SERVICE_URI: '1' }],
    ['POLICY_WIN_PROB_MAX', { POLICY_WIN_PROB_MAX: '1.1' }],
    ['POLICY_WIN_PROB_MIN', { POLICY_WIN_PROB_MIN: '0.2', POLICY_WIN_PROB_MAX: '0.1' }],
    ['POLICY_TICKET_EV_MIN_WEI', { POLICY_TICKET_EV_MIN_WEI: '2', POLICY_TICKET_EV_MAX_WEI: '1' }],
    ['POLICY_FACE_VALUE_MAX_WEI', { POLICY_FACE_VALUE_MAX_WEI: '1e18' }],
    ['POLICY_REPLICAS', { POLICY_REPLICAS: '0' }],
  ])('%s that cannot be', (name, change) => {
    expect(faults(change).join()).toMatch(new RegExp(`^${name}: `));
  });
});

describe('custody', () => {
  test('a keystore in this process unless told', () => {
    expect(read().custody).toEqual({
      kind: 'local',
      files: ['/keystore.json'],
      passwords: ['p'],
      activeAddress: undefined,
    });
  });

  test('several keystores, a password a line', () => {
    const change = { KEYSTORE_FILES: '/a.json, /b', KEYSTORE_PASSWORDS: 'q\nr s\n' };
    expect(read(change).custody).toMatchObject({
      files: ['/keystore.json', '/a.json', '/b'],
      passwords: ['p', 'q', 'r s'],
    });
  });

  const remote = {
    CUSTODY: 'web3signer',
    KEYSTORE_FILE: undefined,
    WEB3SIGNER_URL: 'https://vault:9000',
    SIGNER_ADDRESS: `0x${'AB'.repeat(20)}`,
  };

  test('a Web3Signer, with its accounts by name', () => {
    expect(faults(remote)).toEqual([]);
    expect(faults({ ...remote, KEYSTORE_FILE: '/never-opened.json' })).toEqual([]);
    expect(read(remote).custody).toMatchObject({
      kind: 'web3signer',
      url: 'https://vault:9000',
      activeAddress: `0x${'ab'.repeat(20)}`,
      otherAddresses: [],
    });
  });

  test.each<[string, Record<string, string | undefined>]>([
    ['WEB3SIGNER_URL', { ...remote, WEB3SIGNER_URL: undefined }],
    ['SIGNER_ADDRESS', { ...remote, SIGNER_ADDRESS: undefined }],
    ['WEB3SIGNER_TLS_KEY', { ...remote, WEB3SIGNER_TLS_CERT: 'x' }],
    ['KEYSTORE_FILE', { KEYSTORE_FILE: undefined }],
    ['WEB3SIGNER_URL', { WEB3SIGNER_URL: 'http://vault' }],
  ])('%s that is missing or not used', (name, change) => {
    expect(faults(change).join()).toMatch(new RegExp(`^${name}: `));
  });
});

describe('faults', () => {
  test.each<[string, Record<string, string | undefined>]>([
    ['REDIS_URL', { REDIS_URL: undefined }],
    ['ISSUER', { ISSUER: 'ftp://x' }],
    ['AUTH_JWKS_URL', { AUTH_JWKS_URL: undefined }],
    ['QUEUE_KEY_SIGNER_TO_BILLING', { QUEUE_KEY_SIGNER_TO_BILLING: 'x' }],
    ['KEYSTORE_PASSWORD', { KEYSTORE_PASSWORD: '' }],
    ['SIGNER_ADDRESS', { SIGNER_ADDRESS: '0x1' }],
    ['SESSION_SECRET', { SESSION_SECRET: 's'.repeat(31) }],
    ['CHAIN_ID', { CHAIN_ID: '-1' }],
    ['SIGNER_REPLICA', { SIGNER_REPLICA: 'a b' }],
    ['MAX_TICKET_EV_WEI', { MAX_TICKET_EV_WEI: '-1' }],
    ['DEPOSIT_MULTIPLIER', { DEPOSIT_MULTIPLIER: '0' }],
    ['PIXELS_PER_UNIT', { PIXELS_PER_UNIT: '0' }],
    ['ACCEPT_UNBOUND_STATE', { ACCEPT_UNBOUND_STATE: 'yes' }],
  ])('%s', (name, change) => {
    expect(faults(change).join()).toMatch(new RegExp(`^${name}: `));
  });

  test('the Postgres queue with an issuer for the world', () => {
    const change = { REDIS_URL: undefined, QUEUE_DATABASE_URL: 'postgres://x' };
    expect(faults(change)).toEqual([]);
    const issuer = 'https://login.example/api/v1/oidc';
    expect(faults({ ...change, ISSUER: issuer })[0]).toMatch(/^REDIS_URL: /);
  });
});
