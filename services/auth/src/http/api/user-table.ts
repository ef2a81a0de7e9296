import { z } from 'zod';
import { ANSWERS } from '../../openapi/answers.ts';
import { API_PATH } from '../../paths.ts';
import { appExchangeRoute, keyExchangeRoute } from '../exchange.ts';
import { revokeTokenRoute } from '../tokens.ts';
import {
  changeUserRoute,
  deleteUserRoute,
  endUserSessionsRoute,
  issueUserTokenRoute,
  listUsersRoute,
  showUserRoute,
  upsertUserRoute,
} from '../users.ts';
import { grantRoutes } from './grant-table.ts';
import type { ApiRoute } from './route.ts';

const APP = `${API_PATH}/apps/:appId`;
const USERS = `${APP}/users`;
const app = (scope: string) => ({ who: 'app', scope }) as const;

const exchangeForm = z.object({
  grant_type: z.literal('urn:ietf:params:oauth:grant-type:token-exchange'),
  subject_token: z.string().describe('An API key, or a user’s token.'),
  subject_token_type: z.string(),
  requested_token_type: z.string().optional(),
  scope: z.string().optional(),
  resource: z.string().optional(),
  audience: z.string().optional(),
});

const users: readonly ApiRoute[] = [
  {
    method: 'GET',
    path: USERS,
    name: 'user list',
    tag: 'Users',
    summary: 'Users, oldest first',
    access: app('users:read'),
    answers: { 200: ANSWERS.users },
    handle: listUsersRoute,
  },
  {
    method: 'POST',
    path: USERS,
    name: 'user upsert',
    tag: 'Users',
    summary: 'Make a user, or change what is given of a known one',
    about: '201 when new, 200 when known: the same request twice makes one user.',
    access: app('users:write'),
    answers: { 200: ANSWERS.user, 201: ANSWERS.user },
    handle: upsertUserRoute,
  },
  {
    method: 'PUT',
    path: USERS,
    name: 'user change',
    tag: 'Users',
    summary: 'Change a user that exists; `status` deactivates and reactivates',
    access: app('users:write'),
    answers: { 200: ANSWERS.user },
    handle: changeUserRoute,
  },
  {
    method: 'DELETE',
    path: USERS,
    name: 'user delete',
    tag: 'Users',
    summary: 'Delete a user with its keys and tokens; its usage stays',
    access: app('users:write'),
    answers: { 200: ANSWERS.done },
    handle: deleteUserRoute,
  },
  {
    method: 'GET',
    path: `${USERS}/:externalUserId`,
    name: 'user show',
    tag: 'Users',
    summary: 'One user',
    access: app('users:read'),
    answers: { 200: ANSWERS.user },
    handle: showUserRoute,
  },
  {
    method: 'POST',
    path: `${USERS}/:externalUserId/end-sessions`,
    name: 'user end-sessions',
    tag: 'Users',
    summary: 'End a user’s sessions, refresh tokens and user tokens',
    about:
      'A signer token that a machine or a key got for the user runs for its five minutes; `status: inactive` stops that too.',
    access: app('users:write'),
    answers: { 200: ANSWERS.endedSessions },
    handle: endUserSessionsRoute,
  },
  {
    method: 'POST',
    path: `${USERS}/:externalUserId/token`,
    name: 'user token',
    tag: 'Tokens',
    summary: 'A token of the user for the signer, with a refresh token',
    access: app('users:token'),
    answers: { 200: ANSWERS.userToken },
    handle: issueUserTokenRoute,
  },
];

/** The users of an app, and tokens besides the issuer's own endpoint. */
export const USER_ROUTES: readonly ApiRoute[] = [
  ...users,
  ...grantRoutes(APP, 'grant', { read: app('users:read'), write: app('users:write') }),
  {
    method: 'POST',
    path: `${APP}/tokens/revoke`,
    name: 'token revoke',
    tag: 'Tokens',
    summary: 'Stop a signer or user token at the next hold',
    access: app('users:token'),
    answers: { 200: ANSWERS.done },
    handle: revokeTokenRoute,
  },
  {
    method: 'POST',
    path: `${APP}/oidc/token`,
    name: 'token exchange',
    tag: 'Tokens',
    summary: 'Exchange a key or a user’s token for a signer token (RFC 8693)',
    about: 'The subject token is the credential; a client may prove itself besides, by Basic.',
    access: { who: 'open' },
    form: exchangeForm,
    codes: ['not_found', 'invalid_client'],
    answers: { 200: ANSWERS.session },
    handle: appExchangeRoute,
  },
  {
    method: 'POST',
    path: '/api/pymthouse/keys/exchange',
    name: 'token exchange-key',
    tag: 'Tokens',
    summary: 'The same with JSON, for clients that know this address',
    access: { who: 'open' },
    codes: ['invalid_token'],
    answers: { 200: ANSWERS.session },
    handle: keyExchangeRoute,
  },
];
