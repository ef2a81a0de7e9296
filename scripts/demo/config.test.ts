import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkRunning, readDevJson, readFlags } from './config.ts';

const ADDRESS = `0x${'ab'.repeat(20)}`;
const DEV = {
  issuer: 'http://127.0.0.1:4000/api/v1/oidc',
  origin: 'http://127.0.0.1:4000',
  signerUrl: 'http://127.0.0.1:4002',
  rpcUrl: 'http://127.0.0.1:8545',
  contracts: { ticketBroker: ADDRESS, roundsManager: ADDRESS, bondingManager: ADDRESS },
  app: { id: 'app_1', m2mClientId: 'm2m_1', m2mClientSecret: 's' },
  admin: { clientId: 'm2m_2', clientSecret: 's' },
  apiKey: 'key',
  orchestratorKey: `0x${'11'.repeat(32)}`,
  more: 'is ignored',
};

function write(dev: unknown): string {
  const path = join(mkdtempSync(join(tmpdir(), 'demo-')), 'dev.json');
  writeFileSync(path, JSON.stringify(dev));
  return path;
}

describe('dev.json', () => {
  it('is read as the start writes it', () => {
    const { more: _, ...expected } = DEV;
    expect(readDevJson(write(DEV))).toEqual(expected);
  });

  it('that is not there says how to start the stack', () => {
    expect(() => readDevJson('/nowhere/dev.json')).toThrow('npm start');
  });

  it('that lacks a field names it', () => {
    const path = write({ ...DEV, app: { id: 'app_1' } });
    expect(() => readDevJson(path)).toThrow('app.m2mClientId');
  });

  it('of a stack on another chain says that the demo needs the local one', () => {
    const { orchestratorKey: _, ...elsewhere } = DEV;
    expect(() => readDevJson(write(elsewhere))).toThrow('ETH_RPC_URL');
  });
});

describe('flags', () => {
  it('have defaults', () => {
    const flags = readFlags([], '/root');
    expect(flags).toMatchObject({ payments: 300, json: false });
  });

  it.each(['0', '39', '5001', '1.5', 'x'])('refuse %s payments', (payments) => {
    expect(() => readFlags(['--payments', payments], '/root')).toThrow('--payments');
  });
});

describe('a stack that does not answer', () => {
  it('is named with its URL', async () => {
    const url = 'http://127.0.0.1:1/healthz';
    await expect(checkRunning({ signer: url })).rejects.toThrow(`signer does not answer at ${url}`);
  });
});
