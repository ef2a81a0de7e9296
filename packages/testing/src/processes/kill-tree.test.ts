import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readProcessIdentity } from '@clearinghouse/embedded';
import { expect, it } from 'vitest';
import { waitFor } from '../wait-for.ts';
import { killTree } from './kill-tree.ts';

it('ends a process and what it started, in whatever group', async () => {
  const grandchild = `
    const { spawn } = require('node:child_process');
    const forever = ['-e', 'setInterval(() => undefined, 1000)'];
    const { pid } = spawn(process.execPath, forever, { detached: true, stdio: 'ignore' });
    console.log(pid);
    setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ['-e', grandchild], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [text] = (await once(child.stdout, 'data')) as [Buffer];
  const pid = Number(text.toString());
  expect(readProcessIdentity(pid)).toBeDefined();
  killTree(child.pid ?? 0);
  await waitFor(() => readProcessIdentity(pid) === undefined, { what: 'the end of the tree' });
  expect(child.signalCode ?? (await once(child, 'exit'))[1]).toBe('SIGKILL');
});
