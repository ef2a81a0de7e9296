import { readFileSync } from 'node:fs';
import { readFrames } from './journal/frame.ts';

// Prints the records of a journal segment, or of a file under `unresolved`, a line of JSON each:
// what was signed, its settlement, and the whole hold that it belongs to.

const path = process.argv[2];
if (path === undefined) {
  process.stderr.write('usage: node services/signer/src/journal-cli.ts FILE\n');
  process.exit(2);
}
const { records, damaged, isTorn } = readFrames(readFileSync(path));
for (const { payload } of records) process.stdout.write(`${payload.toString('utf8')}\n`);
process.stderr.write(
  `${records.length} records, ${damaged} damaged${isTorn ? ', torn end' : ''}\n`,
);
