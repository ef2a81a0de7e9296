import { describe, expect, it } from 'vitest';
import { judge } from '../source/judge.ts';
import { checkServiceLayers } from './check-service-layers.ts';

const src = 'services/signer/src';

function layers(path: string, statement: string): string[] {
  return judge(checkServiceLayers, `${src}/${path}`, statement);
}

describe('layers within a service', () => {
  it.each([
    ['index.ts', "import { createDeps } from './deps.ts';"],
    ['index.ts', "import { checkPreconditions } from './preconditions.ts';"],
    ['admin-cli.ts', "import { createDeps } from './deps.ts';"],
    ['deps.ts', "import { openKeystore } from './keystore/open-keystore.ts';"],
    ['deps.ts', "import type { Config } from './config.ts';"],
    ['http/pay.ts', "import { pay } from '../payments/pay.ts';"],
    ['http/pay.ts', "import type { Context } from 'koa';"],
    ['oidc/provider.ts', "import { koaBody } from 'koa-body';"],
    ['payments/pay.ts', "import type { Custody } from '../keystore/custody.ts';"],
    ['payments/pay.test.ts', "import { openKeystore } from '../keystore/open-keystore.ts';"],
    ['http/pay.test.ts', "import { createDeps } from '../deps.ts';"],
    ['payments/pay.ts', "import { ask } from '@clearinghouse/shared';"],
    ['apps/list-apps.ts', "import type { App } from './app.ts';"],
  ])('%s may: %s', (path, statement) => {
    expect(layers(path, statement)).toEqual([]);
  });

  it.each([
    ['http/pay.ts', "import { readHold } from '../holds/hold-store.ts';"],
    ['http/pay.ts', "import type { Row } from '../holds/hold-store.ts';"],
    ['http/pay.ts', "import { holds } from '../db/schema.ts';"],
    ['http/pay.ts', "import { listen } from '../queue/listen.ts';"],
    ['http/pay.ts', "import type { Custody } from '../keystore/custody.ts';"],
    ['http/pay.ts', "import type { Deps } from '../deps.ts';"],
    ['payments/pay.ts', "import type { Context } from 'koa';"],
    ['payments/pay.ts', "import Router from '@koa/router';"],
    ['payments/pay.ts', "import { readBody } from '../http/read-body.ts';"],
    ['payments/pay.ts', "import type { Deps } from '../deps.ts';"],
    ['payments/pay.ts', "import type { AppDeps } from '../app.ts';"],
    ['payments/pay.ts', "import type { Config } from '../config.ts';"],
    ['payments/pay.ts', "import '../index.ts';"],
    ['payments/pay.ts', "import { openKeystore } from '../keystore/open-keystore.ts';"],
    ['app.ts', "import type { Deps } from './deps.ts';"],
    ['deps.ts', "import type { AppDeps } from './app.ts';"],
  ])('%s must not: %s', (path, statement) => {
    expect(layers(path, statement)).toHaveLength(1);
  });
});
