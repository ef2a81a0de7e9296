import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { DevJson } from '@clearinghouse/stack';
import { checkStack } from './doctor/check-stack.ts';

// `npm run doctor`: a line and, where needed, a remedy for each part of a running stack.

const dataDir = process.env.DATA_DIR ?? join(import.meta.dirname, '../.data');
const path = join(resolve(dataDir), 'dev.json');
if (!existsSync(path)) {
  console.error(`no ${path}: start the stack with npm start`);
  process.exit(1);
}
const dev = JSON.parse(readFileSync(path, 'utf8')) as DevJson;
const findings = await checkStack(dev, process.env.REDIS_URL || undefined);
for (const { name, ok, detail, remedy } of findings) {
  console.log(
    `${ok ? 'ok  ' : 'BAD '} ${name.padEnd(18)} ${detail.replaceAll('\n', ' ').slice(0, 90)}`,
  );
  if (!ok) console.log(`       -> ${remedy}`);
}
process.exitCode = findings.every((finding) => finding.ok) ? 0 : 1;
