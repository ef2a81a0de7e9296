import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Issuer } from '../../../scripts/conformance/issuer/open-issuer.ts';
import type { Result } from '../../../scripts/conformance/module.ts';
import { PLANS, runModules } from '../../../scripts/conformance/run-modules.ts';
import { openSuite } from '../../../scripts/conformance/suite.ts';
import { startIssuer } from './fixture-issuer.ts';

const NOT_OFFERED = [
  'oidcc-idtoken-unsigned',
  'oidcc-scope-address',
  'oidcc-scope-phone',
  'oidcc-claims-essential',
  'oidcc-ensure-request-object-with-redirect-uri',
];

describe('OpenID conformance: Basic OP, Config OP and RP-Initiated Logout OP', () => {
  let issuer: Issuer;
  let results: readonly Result[];
  beforeAll(async () => {
    issuer = await startIssuer();
    // The full 30 s of the module that reuses a code late are waited for by `npm run conformance`.
    results = await runModules(await openSuite(issuer, 0));
  });
  afterAll(() => issuer?.stop());

  it('has every module of the three plans, each once', () => {
    expect(PLANS.map(([, modules]) => modules.length)).toEqual([38, 1, 11]);
    expect(new Set(results.map(({ name }) => name)).size).toBe(50);
  });

  it('none fails, and nothing else than what is documented is not offered', () => {
    expect(results.filter(({ verdict }) => verdict === 'fail')).toEqual([]);
    const names = results
      .filter(({ verdict }) => verdict === 'not offered')
      .map(({ name }) => name);
    expect(names).toEqual(NOT_OFFERED);
  });
});
