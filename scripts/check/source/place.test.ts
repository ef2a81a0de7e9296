import { describe, expect, it } from 'vitest';
import { placeOf } from './place.ts';

describe('the place of a file', () => {
  it.each([
    ['services/auth/src/index.ts', 'services/auth', 'entry'],
    ['services/auth/src/admin-cli.ts', 'services/auth', 'entry'],
    ['services/auth/src/cli/bootstrap.ts', 'services/auth', 'entry'],
    ['services/auth/src/app.ts', 'services/auth', 'app'],
    ['services/auth/src/apps/app.ts', 'services/auth', 'operation'],
    ['services/auth/src/deps.ts', 'services/auth', 'deps'],
    ['services/auth/src/config.ts', 'services/auth', 'config'],
    ['services/auth/src/http/apps.ts', 'services/auth', 'http'],
    ['services/auth/src/http/apps.test.ts', 'services/auth', 'test'],
    ['services/auth/src/oidc/adapter.ts', 'services/auth', 'oidc'],
    ['services/signer/src/keystore/custody.ts', 'services/signer', 'keystore'],
    ['services/billing/src/holds/fixtures/make-hold.ts', 'services/billing', 'test'],
    ['packages/shared/src/clock.ts', 'packages/shared', 'operation'],
    ['scripts/check/run.ts', 'scripts', 'entry'],
    ['tests/e2e/pay.test.ts', 'tests', 'test'],
  ])('%s', (path, unit, kind) => {
    expect(placeOf(path)).toMatchObject({ unit, kind });
  });
});
