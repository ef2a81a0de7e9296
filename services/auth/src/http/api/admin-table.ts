import { ANSWERS } from '../../openapi/answers.ts';
import { API_PATH } from '../../paths.ts';
import {
  changeAppRoute,
  createAppRoute,
  listAppsRoute,
  rotateSecretRoute,
  setAppStatusRoute,
  showAppRoute,
} from '../admin.ts';
import { proveAuditRoute, readAuditRoute } from '../audit-routes.ts';
import { addIssuerRoute, listIssuersRoute, removeIssuerRoute } from '../issuer-routes.ts';
import { listSigningKeysRoute, rotateSigningKeyRoute } from '../signing-key-routes.ts';
import { clientRoutes } from './client-table.ts';
import { grantRoutes } from './grant-table.ts';
import type { ApiRoute } from './route.ts';

const APPS = `${API_PATH}/admin/apps`;
const APP = `${APPS}/:appId`;
const access = { who: 'admin' } as const;

const apps: readonly ApiRoute[] = [
  {
    method: 'GET',
    path: APPS,
    name: 'app list',
    tag: 'Apps',
    summary: 'Every app, oldest first',
    access,
    answers: { 200: ANSWERS.apps },
    handle: listAppsRoute,
  },
  {
    method: 'POST',
    path: APPS,
    name: 'app create',
    tag: 'Apps',
    summary: 'Make an app with its public and its machine client',
    about:
      'The machine client’s secret is in the first answer only; a repeat tells which app it was.',
    access,
    once: 'required',
    answers: { 201: ANSWERS.createdApp },
    handle: createAppRoute,
  },
  {
    method: 'GET',
    path: APP,
    name: 'app show',
    tag: 'Apps',
    summary: 'One app',
    access,
    codes: ['not_found'],
    answers: { 200: ANSWERS.app },
    handle: showAppRoute,
  },
  {
    method: 'PATCH',
    path: APP,
    name: 'app change',
    tag: 'Apps',
    summary: 'Change an app; what is left out stays',
    about:
      '`isFirstParty`: nobody is asked for consent. `anonymousAccess`: callers without a credential are let in, for development.',
    access,
    codes: ['not_found'],
    answers: { 200: ANSWERS.app },
    handle: changeAppRoute,
  },
  {
    method: 'PUT',
    path: `${APP}/status`,
    name: 'app set-status',
    tag: 'Apps',
    summary: 'Suspend an app, or let it go on',
    about: 'The next hold and the next token feel it.',
    access,
    codes: ['not_found'],
    answers: { 200: ANSWERS.appStatus },
    handle: setAppStatusRoute,
  },
  {
    method: 'POST',
    path: `${APP}/clients/:clientId/secret`,
    name: 'app client rotate-secret',
    tag: 'Clients',
    summary: 'A second secret for a client; the old one runs out',
    access,
    codes: ['not_found'],
    answers: { 201: ANSWERS.shownSecret },
    handle: rotateSecretRoute,
  },
  ...clientRoutes(APP, 'app client', access),
  ...grantRoutes(APP, 'app grant', { read: access, write: access }),
];

const issuers: readonly ApiRoute[] = [
  {
    method: 'GET',
    path: `${APP}/external-issuers`,
    name: 'issuer list',
    tag: 'Tokens',
    summary: 'The issuers whose tokens an app’s clients may exchange',
    access,
    codes: ['not_found'],
    answers: { 200: ANSWERS.issuers },
    handle: listIssuersRoute,
  },
  {
    method: 'POST',
    path: `${APP}/external-issuers`,
    name: 'issuer add',
    tag: 'Tokens',
    summary: 'Trust another issuer: who holds its keys speaks for every user of the app',
    access,
    once: 'optional',
    codes: ['not_found', 'conflict'],
    answers: { 201: ANSWERS.issuer },
    handle: addIssuerRoute,
  },
  {
    method: 'DELETE',
    path: `${APP}/external-issuers/:issuerId`,
    name: 'issuer remove',
    tag: 'Tokens',
    summary: 'End the trust in an issuer, from the next exchange on',
    access,
    codes: ['not_found'],
    answers: { 200: ANSWERS.done },
    handle: removeIssuerRoute,
  },
];

const installation: readonly ApiRoute[] = [
  {
    method: 'GET',
    path: `${API_PATH}/admin/audit`,
    name: 'audit list',
    tag: 'Audit',
    summary: 'Entries of every app and of the installation, newest first',
    about: '`format=csv` answers a file; no cell of it can be taken for a formula.',
    access,
    answers: { 200: ANSWERS.auditPage },
    alsoAs: 'text/csv',
    handle: readAuditRoute,
  },
  {
    method: 'GET',
    path: `${API_PATH}/admin/audit/proof`,
    name: 'audit prove',
    tag: 'Audit',
    summary: 'Prove that no entry was changed or removed',
    about: 'Reads the whole log. `faults` is empty when it is whole; keep `head` elsewhere.',
    access,
    answers: { 200: ANSWERS.auditProof },
    handle: proveAuditRoute,
  },
  {
    method: 'GET',
    path: `${API_PATH}/admin/signing-keys`,
    name: 'signing-key list',
    tag: 'Installation',
    summary: 'The issuer’s signing keys, without their private halves',
    access,
    answers: { 200: ANSWERS.signingKeys },
    handle: listSigningKeysRoute,
  },
  {
    method: 'POST',
    path: `${API_PATH}/admin/signing-keys/rotate`,
    name: 'signing-key rotate',
    tag: 'Installation',
    summary: 'The next key signs from now on',
    about:
      '`isCompromised`: at once, and every token of the old key ends. Otherwise `conflict` while caches may not know the next key yet.',
    access,
    codes: ['conflict'],
    answers: { 200: ANSWERS.rotatedSigningKey },
    handle: rotateSigningKeyRoute,
  },
];

/** What the operator does. */
export const ADMIN_ROUTES: readonly ApiRoute[] = [...apps, ...issuers, ...installation];
