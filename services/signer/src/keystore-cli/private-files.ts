import { readFileSync, statSync } from 'node:fs';
import { createInterface } from 'node:readline';

const OTHERS = 0o077;
const PASSWORD_CHARS_MIN = 12;
const PASSWORD_CHARS_MAX = 1_024;

/**
 * The text of a file that only its owner may read, without the line end.
 *
 * @throws Error with a line that says how to mend it.
 */
export function readPrivateFile(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found?.isFile()) throw new Error(`${path}: there is no such file`);
  if ((found.mode & OTHERS) !== 0) {
    throw new Error(`${path}: others may read it; run: chmod 600 ${path}`);
  }
  return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
}

/**
 * A secret from a file, or typed with nothing shown. It is never taken from the command line or the
 * environment, where other processes could read it.
 */
export async function askSecret(file: string | undefined, question: string): Promise<string> {
  return file === undefined ? await typeSecret(question) : readPrivateFile(file);
}

/**
 * A new password: from a file, or typed twice.
 *
 * @throws Error when it is too short, or was typed differently.
 */
export async function askNewPassword(file: string | undefined): Promise<string> {
  const password = await askSecret(file, 'New password: ');
  if (password.length < PASSWORD_CHARS_MIN || password.length > PASSWORD_CHARS_MAX) {
    throw new Error(`a password has ${PASSWORD_CHARS_MIN} to ${PASSWORD_CHARS_MAX} characters`);
  }
  if (file === undefined && (await typeSecret('The same again: ')) !== password) {
    throw new Error('the two passwords differ');
  }
  return password;
}

async function typeSecret(question: string): Promise<string> {
  if (!process.stdin.isTTY) throw new Error('no terminal to ask at: give a file');
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: true });
  process.stderr.write(question);
  // What is typed is not echoed.
  (lines as unknown as { _writeToOutput: (text: string) => void })._writeToOutput = () => undefined;
  return new Promise((resolve) => {
    lines.question('', (answer) => {
      lines.close();
      process.stderr.write('\n');
      resolve(answer);
    });
  });
}
