import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { queueBackends } from '@clearinghouse/testing';
import { encryptKeystoreJson, Wallet } from 'ethers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { paymentBody, postPayment, type StateField } from '../testing/payment-body.ts';
import { SIGNER_WALLET, signerEnv, startSigner, type TestSigner } from '../testing/start-signer.ts';
import { startWorld, type World } from '../testing/start-world.ts';

const [backend = 'postgres'] = queueBackends();
const NEW = new Wallet(`0x${'12'.repeat(32)}`);
const OLD_ADDRESS = SIGNER_WALLET.address.toLowerCase();
const NEW_ADDRESS = NEW.address.toLowerCase();
const HEADER = 'Signer-Account';

describe('changing the account that pays', () => {
  let world: World;
  let both: TestSigner;
  let env: Record<string, string>;
  const pay = (signer: TestSigner, state?: StateField, headers: Record<string, string> = {}) =>
    postPayment(signer.url, world.issuer.mint(), paymentBody({ state }), headers);
  const introduce = async (signer: TestSigner, headers: Record<string, string> = {}) => {
    const response = await fetch(`${signer.url}/sign-orchestrator-info`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${world.issuer.mint()}`, ...headers },
    });
    return (await response.json()) as { address?: string; error?: { code: string } };
  };
  const lastSender = () => world.billing.asked.at(-1)?.senderAddress;

  beforeAll(async () => {
    world = await startWorld(backend);
    const { KEYSTORE_FILE = '' } = await signerEnv(world.places);
    const file = join(dirname(KEYSTORE_FILE), 'new.json');
    const cheap = { scrypt: { N: 2, r: 8, p: 1 } };
    writeFileSync(file, await encryptKeystoreJson(NEW, 'test password', cheap), { mode: 0o600 });
    env = { KEYSTORE_FILES: file, SIGNER_ADDRESS: NEW_ADDRESS };
    both = await startSigner({ ...world.places, env });
  });
  afterAll(async () => {
    await both?.stop();
    await world?.stop();
  });

  test('new sessions are the new account’s, old ones run out on the old', async () => {
    const begun = await pay(world.signer);
    expect(lastSender()).toBe(OLD_ADDRESS);
    const gone = await pay(both, begun.json.state);
    expect(gone.status).toBe(200);
    expect(lastSender()).toBe(OLD_ADDRESS);
    const fresh = await pay(both);
    expect(fresh.status).toBe(200);
    expect(lastSender()).toBe(NEW_ADDRESS);
    expect((await pay(both, fresh.json.state)).status).toBe(200);
    expect(lastSender()).toBe(NEW_ADDRESS);
  });

  test('a signer without the old key refuses its sessions', async () => {
    const { json } = await pay(both);
    const answer = await pay(world.signer, json.state);
    expect(answer.json.error?.code).toBe('invalid_sig');
  });

  test('gateways are told the new address', async () => {
    expect((await introduce(both)).address).toBe(NEW.address);
    expect((await introduce(world.signer)).address).toBe(SIGNER_WALLET.address);
  });

  test('funds are each account’s own', async () => {
    const begun = await pay(world.signer);
    world.node.facts.deposits.set(NEW_ADDRESS, 0n);
    const poor = await startSigner({ ...world.places, env });
    expect((await pay(poor)).json.error?.message).toMatch(/no sender deposit/);
    expect((await pay(poor, begun.json.state)).status).toBe(200);
    world.node.facts.deposits.clear();
    await poor.stop();
  });

  test('an account is chosen by header only where that is open', async () => {
    const chosen = { [HEADER]: SIGNER_WALLET.address };
    expect((await introduce(both, chosen)).error?.code).toBe('unknown_account');
    expect((await pay(both, undefined, chosen)).json.error?.code).toBe('unknown_account');
    const open = { ...env, SIGNER_SELECTABLE_ADDRESSES: OLD_ADDRESS };
    const selecting = await startSigner({ ...world.places, env: open });
    expect((await introduce(selecting, chosen)).address).toBe(SIGNER_WALLET.address);
    expect((await pay(selecting, undefined, chosen)).status).toBe(200);
    expect(lastSender()).toBe(OLD_ADDRESS);
    expect((await pay(selecting, undefined, { [HEADER]: NEW.address })).status).toBe(200);
    expect(lastSender()).toBe(NEW_ADDRESS);
    const unknown = { [HEADER]: `0x${'99'.repeat(20)}` };
    expect((await introduce(selecting, unknown)).error?.code).toBe('unknown_account');
    await selecting.stop();
  });
});
