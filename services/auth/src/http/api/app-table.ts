import { ANSWERS } from '../../openapi/answers.ts';
import { API_PATH } from '../../paths.ts';
import { rotateSecretRoute, showAppRoute } from '../admin.ts';
import {
  changeApiKeyRoute,
  createApiKeyRoute,
  listApiKeysRoute,
  revokeAllKeysRoute,
  revokeApiKeyRoute,
  showApiKeyRoute,
} from '../api-keys.ts';
import { readAuditRoute } from '../audit-routes.ts';
import { rotateApiKeyRoute } from '../key-rotation.ts';
import { signerRoutingRoute } from '../signer-routing.ts';
import { clientRoutes } from './client-table.ts';
import type { ApiRoute } from './route.ts';

const APP = `${API_PATH}/apps/:appId`;
const KEYS = `${APP}/keys`;
const app = (scope: string) => ({ who: 'app', scope }) as const;
const access = app('keys:write');

const keys: readonly ApiRoute[] = [
  {
    method: 'GET',
    path: KEYS,
    name: 'key list',
    tag: 'Keys',
    summary: 'Keys, newest first, revoked and expired ones too; never the keys themselves',
    access,
    answers: { 200: ANSWERS.keys },
    handle: listApiKeysRoute,
  },
  {
    method: 'POST',
    path: KEYS,
    name: 'key create',
    tag: 'Keys',
    summary: 'A new key, shown this once',
    access,
    once: 'optional',
    codes: ['conflict'],
    answers: { 201: ANSWERS.shownKey },
    handle: createApiKeyRoute,
  },
  {
    method: 'GET',
    path: `${KEYS}/:keyId`,
    name: 'key show',
    tag: 'Keys',
    summary: 'One key, without the key itself',
    access,
    answers: { 200: ANSWERS.key },
    handle: showApiKeyRoute,
  },
  {
    method: 'PATCH',
    path: `${KEYS}/:keyId`,
    name: 'key change',
    tag: 'Keys',
    summary: 'Change a key’s settings; what is left out stays',
    access,
    answers: { 200: ANSWERS.key },
    handle: changeApiKeyRoute,
  },
  {
    method: 'DELETE',
    path: `${KEYS}/:keyId`,
    name: 'key revoke',
    tag: 'Keys',
    summary: 'Revoke a key, from the next request on',
    access,
    answers: { 200: ANSWERS.done },
    handle: revokeApiKeyRoute,
  },
  {
    method: 'POST',
    path: `${KEYS}/:keyId/rotate`,
    name: 'key rotate',
    tag: 'Keys',
    summary: 'A successor with the same settings; both work for a while',
    access,
    once: 'optional',
    codes: ['conflict'],
    answers: { 201: ANSWERS.rotatedKey },
    handle: rotateApiKeyRoute,
  },
  {
    method: 'POST',
    path: `${KEYS}/revoke-all`,
    name: 'key revoke-all',
    tag: 'Keys',
    summary: 'Revoke all keys of the app, or those that one person or client made',
    access,
    answers: { 200: ANSWERS.revoked },
    handle: revokeAllKeysRoute,
  },
];

/** What an app's own clients and people do, besides its users. */
export const APP_ROUTES: readonly ApiRoute[] = [
  {
    method: 'GET',
    path: APP,
    name: 'own-app show',
    tag: 'Apps',
    summary: 'The app itself, as its own clients see it',
    access: { who: 'app' },
    answers: { 200: ANSWERS.app },
    handle: showAppRoute,
  },
  ...clientRoutes(APP, 'client', app('clients:write')),
  {
    method: 'POST',
    path: `${APP}/clients/:clientId/secret`,
    name: 'client rotate-secret',
    tag: 'Clients',
    summary: 'A second secret for a client; the old one runs out',
    access: app('clients:write'),
    answers: { 201: ANSWERS.shownSecret },
    handle: rotateSecretRoute,
  },
  ...keys,
  {
    method: 'GET',
    path: `${APP}/signer/routing`,
    name: 'signer show',
    tag: 'Tokens',
    summary: 'Where the signer is',
    access: { who: 'app' },
    answers: { 200: ANSWERS.routing },
    handle: signerRoutingRoute,
  },
  {
    method: 'GET',
    path: `${APP}/audit`,
    name: 'own-audit list',
    tag: 'Audit',
    summary: 'Entries about the app, newest first',
    about: '`format=csv` answers a file.',
    access: app('audit:read'),
    answers: { 200: ANSWERS.auditPage },
    alsoAs: 'text/csv',
    handle: readAuditRoute,
  },
];
