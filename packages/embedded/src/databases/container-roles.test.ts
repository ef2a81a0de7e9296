import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DATABASE_ROLES } from './provision-databases.ts';

const INIT = join(import.meta.dirname, '../../../../migrations/init');
/** Notes down how it was called and what it was given. */
const FAKE_PSQL = `#!/bin/sh
n=$(ls "$OUT" | wc -l)
echo "$@" > "$OUT/$n.args"
cat > "$OUT/$n.stdin"
`;

describe('the init script of the container', () => {
  let folder: string;
  let out: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'clearinghouse-roles-'));
    out = mkdtempSync(join(folder, 'out-'));
    writeFileSync(join(folder, 'psql'), FAKE_PSQL, { mode: 0o755 });
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const run = (passwords: string) => {
    const file = join(folder, 'passwords');
    writeFileSync(file, passwords);
    return spawnSync('sh', [join(INIT, '10-roles.sh')], {
      encoding: 'utf8',
      env: {
        PATH: `${folder}:${process.env.PATH}`,
        OUT: out,
        ROLE_PASSWORDS_FILE: file,
        ROLES_SQL_DIR: join(INIT, 'sql'),
      },
    });
  };
  const readAll = (suffix: string) =>
    readdirSync(out)
      .filter((name) => name.endsWith(suffix))
      .sort()
      .map((name) => readFileSync(join(out, name), 'utf8'));

  it('gives every role its password and no command line any', () => {
    const lines = DATABASE_ROLES.map((role, index) => `${role}=secret-${index}`);
    expect(run(`# comment\n\n${lines.join('\n')}`).status).toBe(0);
    const [roles = '', ...rest] = readAll('.stdin');
    for (const [index, role] of DATABASE_ROLES.entries()) {
      expect(roles).toContain(`set clearinghouse.password_${role} = 'secret-${index}';`);
    }
    expect(roles).toContain(readFileSync(join(INIT, 'sql/roles.sql'), 'utf8'));
    expect(readAll('.args').join()).not.toContain('secret-');
    expect(rest.join()).not.toContain('secret-');
  });

  it('makes both databases and runs the SQL of each inside it', () => {
    expect(run('auth_owner=x').status).toBe(0);
    const targets = readAll('.args').map((args) => /--dbname (\S+)/.exec(args)?.[1]);
    const [main, queue] = ['clearinghouse', 'clearinghouse_queue'];
    expect(targets).toEqual(['postgres', 'postgres', main, 'postgres', queue]);
    const inputs = readAll('.stdin');
    expect(inputs[1]).toContain("where datname = 'clearinghouse') \\gexec\n");
    expect(inputs[2]).toBe(readFileSync(join(INIT, `sql/${main}.sql`), 'utf8'));
    expect(inputs[4]).toBe(readFileSync(join(INIT, `sql/${queue}.sql`), 'utf8'));
  });

  it.each([
    ["auth_owner=x'; drop database clearinghouse; --", 'bad password of auth_owner'],
    ['auth_owner=', 'bad password of auth_owner'],
    ['Auth Owner=x', 'bad role name'],
  ])('refuses the line %s', (line, complaint) => {
    const { status, stderr } = run(`${line}\n`);
    expect(stderr).toContain(complaint);
    expect(status).not.toBe(0);
  });
});
