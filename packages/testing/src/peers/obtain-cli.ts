// Run before the suites of project `peers`: installs what is missing, and exits with 1 and a line
// for each program that cannot be had.
import { obtainPeers } from './obtain-peers.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const missing = obtainPeers(say);
for (const name of missing) say(`cannot be had here: ${name}`);
process.exitCode = missing.length > 0 ? 1 : 0;
