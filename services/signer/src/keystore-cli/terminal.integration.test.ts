import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decryptKeystoreJson, Wallet } from 'ethers';
import { describe, expect, test } from 'vitest';

const CLI = join(import.meta.dirname, '../signer-cli.ts');
const PASSWORD = 'typed at a terminal';
const SECRETS = ['Private key', 'New password', 'The same again'];

/** Runs the command on a terminal of its own, and types an answer at each question. */
function runAtTerminal(args: readonly string[], answers: readonly string[]): Promise<string> {
  const command = [process.execPath, CLI, ...args].join(' ');
  const child = spawn('script', ['-qec', command, '/dev/null'], { stdio: 'pipe' });
  let seen = '';
  let asked = 0;
  const questions = SECRETS.slice(SECRETS.length - answers.length);
  child.stdout.on('data', (chunk: Buffer) => {
    seen += chunk.toString('utf8');
    if (asked >= answers.length || !seen.includes(`${questions[asked]}`)) return;
    child.stdin.write(`${answers[asked]}\r`);
    asked += 1;
  });
  return new Promise((resolve) => child.on('close', () => resolve(seen)));
}

describe('what is typed at a terminal is not shown', () => {
  test('a password, twice', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'terminal-'));
    const seen = await runAtTerminal(['keystore', 'create', '--dir', dir], [PASSWORD, PASSWORD]);
    const { address, file } = JSON.parse(/\{.*\}/.exec(seen)?.[0] ?? '{}');
    expect(seen).not.toContain(PASSWORD);
    const opened = await decryptKeystoreJson(readFileSync(file, 'utf8'), PASSWORD);
    expect(opened.address).toBe(address);
    expect(seen).not.toContain(opened.privateKey.slice(2));
  });

  test('a private key', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'terminal-'));
    const { privateKey, address } = Wallet.createRandom();
    const answers = [privateKey.slice(2), PASSWORD, PASSWORD];
    const seen = await runAtTerminal(['keystore', 'import', '--dir', dir], answers);
    expect(seen).toContain(address);
    expect(seen).not.toContain(privateKey.slice(2));
  });

  test('two passwords that differ make no key', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'terminal-'));
    const seen = await runAtTerminal(
      ['keystore', 'create', '--dir', dir],
      [PASSWORD, 'another one'],
    );
    expect(seen).toContain('the two passwords differ');
    expect(readdirSync(dir)).toEqual([]);
  });
});
