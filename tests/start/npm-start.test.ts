import { statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { killTree, waitFor } from '@clearinghouse/testing';
import { afterEach, describe, expect, it } from 'vitest';
import {
  devJsonOf,
  freshEnv,
  npmStart,
  processesOf,
  type StartEnv,
  type Started,
  supervisorOf,
  untilEnded,
  untilStarted,
} from './fixture-start.ts';

const CTRL_C = '\u0003';

describe('npm start', () => {
  let started: Started | undefined;
  afterEach(() => {
    if (started?.child.pid) killTree(started.child.pid);
  });

  const begin = (env: StartEnv) => {
    started = npmStart(env);
    return started;
  };

  it('starts, stops on Ctrl-C with no process left, and starts again with its data', async () => {
    const env = await freshEnv();
    const first = begin(env);
    await untilStarted(first);
    const dev = devJsonOf(env);
    expect(statSync(join(env.DATA_DIR ?? '', 'dev.json')).mode & 0o777).toBe(0o600);
    first.child.stdin?.write(CTRL_C);
    await untilEnded(first);
    await waitFor(() => processesOf(env).length === 0, { what: 'no process left' });

    const second = begin(env);
    await untilStarted(second);
    expect(devJsonOf(env)).toEqual(dev);
    const discovery = await fetch(`${dev.origin}/api/v1/oidc/.well-known/openid-configuration`);
    expect(discovery.status).toBe(200);
    second.child.stdin?.write(CTRL_C);
    await untilEnded(second);
  }, 240_000);

  it('killed with SIGKILL: the services go by themselves, the next start ends the rest', async () => {
    const env = await freshEnv();
    const first = begin(env);
    await untilStarted(first);
    expect(processesOf(env).length).toBeGreaterThan(4);
    process.kill(supervisorOf(env), 'SIGKILL');
    const services = () => processesOf(env).filter((text) => text.includes('/services/'));
    await waitFor(() => services().length === 0, { what: 'services that go by themselves' });
    const second = begin(env);
    await untilStarted(second);
    second.child.stdin?.write(CTRL_C);
    await untilEnded(second);
    await waitFor(() => processesOf(env).length === 0, { what: 'no process left' });
  }, 240_000);

  it('names a port that is taken and the variable that moves it', async () => {
    const env = await freshEnv();
    const blocker = createServer();
    await new Promise<void>((resolve) =>
      blocker.listen(Number(env.SIGNER_PORT), '127.0.0.1', resolve),
    );
    try {
      const refused = begin(env);
      expect(await untilEnded(refused)).not.toBe(0);
      expect(refused.output()).toContain(`port ${env.SIGNER_PORT} (signer) is taken`);
      expect(refused.output()).toContain('SIGNER_PORT');
      expect(processesOf(env)).toEqual([]);
    } finally {
      blocker.close();
    }
  }, 120_000);

  it('refuses a second start in the same folder', async () => {
    const env = await freshEnv();
    const first = begin(env);
    await untilStarted(first);
    const second = npmStart(env);
    expect(await untilEnded(second)).not.toBe(0);
    expect(second.output()).toContain('is running');
    first.child.stdin?.write(CTRL_C);
    await untilEnded(first);
  }, 120_000);
});
