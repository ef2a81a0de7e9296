import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from './fixture-compose.ts';

// An image holds the files that its program needs: a package that one of them imports and no COPY
// brings would be missed only when somebody starts the container.

type Stage = { readonly copied: readonly string[]; readonly program: string };

const IMPORT = /^\s*(?:import|export)\b[^;]*?\bfrom '([^']+)';|^import '([^']+)';/gm;
const TYPES_ONLY = /^\s*(?:import|export) type\b/;

/** The final stages of the Dockerfile: what each copies from the repository, and what it runs. */
function readStages(): ReadonlyMap<string, Stage> {
  const stages = new Map<string, Stage>();
  const text = readFileSync(join(ROOT, 'Dockerfile'), 'utf8');
  for (const block of text.split(/^FROM /m)) {
    const name = /^base AS (\w+)$/m.exec(block)?.[1];
    const program = /^CMD \["node", "([^"]+)"/m.exec(block)?.[1];
    if (name === undefined || program === undefined) continue;
    const copied = [...block.matchAll(/^COPY (?!--from)(?:--chmod=\d+ )?(\S+) \S+$/gm)];
    stages.set(name, { program, copied: copied.map((match) => match[1] ?? '') });
  }
  return stages;
}

/** Every file of the repository that a program loads, itself included. */
function filesOf(program: string): string[] {
  const seen = new Set<string>();
  const open = [join(ROOT, program)];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    for (const match of readFileSync(file, 'utf8').matchAll(IMPORT)) {
      const target = TYPES_ONLY.test(match[0]) ? undefined : match[1] || match[2];
      const found = target === undefined ? undefined : locate(file, target);
      if (found !== undefined) open.push(found);
    }
  }
  return [...seen].map((file) => relative(ROOT, file));
}

function locate(from: string, target: string): string | undefined {
  if (target.startsWith('.')) return resolve(dirname(from), target);
  const workspace = /^@clearinghouse\/([\w-]+)$/.exec(target)?.[1];
  if (workspace === undefined) return undefined;
  const index = join(ROOT, 'packages', workspace, 'src/index.ts');
  expect(existsSync(index), `${relative(ROOT, from)} imports ${target}`).toBe(true);
  return index;
}

describe('container images', () => {
  const stages = readStages();

  it('are those of the compose files', () => {
    expect([...stages.keys()].sort()).toEqual(['auth', 'billing', 'devnet', 'init', 'signer']);
  });

  it.each([...stages])('%s holds every file that its program loads', (_name, stage) => {
    const files = filesOf(stage.program);
    const isCopied = (file: string) =>
      stage.copied.some((folder) => file === folder || file.startsWith(`${folder}/`));
    expect(files.length).toBeGreaterThan(1);
    expect(files.filter((file) => !isCopied(file))).toEqual([]);
  });
});
