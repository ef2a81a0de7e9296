import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor } from '@clearinghouse/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { paymentBody, postPayment } from '../testing/payment-body.ts';
import { startSigner, type TestSigner } from '../testing/start-signer.ts';
import { startWorld, type World } from '../testing/start-world.ts';
import { readStopped, resumeSigning, stopSigning } from './kill-switch.ts';

const CLI = join(import.meta.dirname, '../signer-cli.ts');

describe('the operator’s switch', () => {
  let world: World;
  let second: TestSigner;
  beforeAll(async () => {
    world = await startWorld('postgres');
    second = await startSigner(world.places);
  });
  afterAll(async () => {
    await second?.stop();
    await world?.stop();
  });

  const pay = (signer: TestSigner) => postPayment(signer.url, world.issuer.mint(), paymentBody());
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [CLI, ...args], {
      env: { JOURNAL_DIR: world.journalDir },
      encoding: 'utf8',
    });

  it('stops every replica on the volume, holds no money, and lets them go on', async () => {
    const signers = [world.signer, second];
    expect(JSON.parse(run('stop', '--reason', 'key may be known').stdout)).toMatchObject({
      signing: 'stopped',
      reason: 'key may be known',
    });
    for (const signer of signers) {
      await waitFor(async () => (await pay(signer)).status === 503, { what: 'the stop' });
    }
    const before = world.billing.asked.length;
    for (const signer of signers) {
      const answer = await pay(signer);
      expect(answer.json.error).toEqual({
        message: 'Service Unavailable Error',
        code: 'signing_stopped',
      });
      expect(await signer.ready()).toMatchObject({ status: 'not_ready', signing: false });
    }
    expect(world.billing.asked.length).toBe(before);
    expect(JSON.parse(run('state').stdout).signing).toBe('stopped');
    expect(JSON.parse(run('resume').stdout)).toEqual({ signing: 'goes on', wasStopped: true });
    for (const signer of signers) {
      await waitFor(async () => (await pay(signer)).status === 200, {
        what: 'the end of the stop',
      });
    }
  });

  it('a hold that was granted meanwhile is released, and nothing is signed', async () => {
    const released = world.billing.released.length;
    const { hold } = world.billing.rules;
    world.billing.rules.hold = async (item, grant) => {
      await stopSigning(world.journalDir, 'meanwhile');
      await waitFor(async () => (await world.signer.ready()).signing === false);
      return hold(item, grant);
    };
    expect((await pay(world.signer)).json.error?.code).toBe('signing_stopped');
    world.billing.rules.hold = hold;
    await waitFor(() => world.billing.released.length > released, { what: 'the release' });
    await resumeSigning(world.journalDir);
  });

  it('outlives a restart', async () => {
    await stopSigning(world.journalDir, 'before the restart');
    const fresh = await startSigner(world.places);
    expect((await pay(fresh)).json.error?.code).toBe('signing_stopped');
    await fresh.stop();
    await resumeSigning(world.journalDir);
  });

  it('a stop needs a reason', () => {
    expect(run('stop')).toMatchObject({ status: 1 });
    expect(run('nonsense').stderr).toContain('usage');
  });

  it('a file that cannot be understood stops it too', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'stop-'));
    expect(await readStopped(folder)).toBeUndefined();
    writeFileSync(join(folder, 'STOPPED'), 'stop!');
    expect((await readStopped(folder))?.reason).toMatch(/cannot be read/);
    expect(await resumeSigning(folder)).toBe(true);
    expect(await resumeSigning(folder)).toBe(false);
  });
});
