import { ANSWERS } from '../../openapi/answers.ts';
import type { Access } from '../../openapi/operation.ts';
import {
  changeClientRoute,
  createClientRoute,
  listClientsRoute,
  revokeClientRoute,
} from '../client-routes.ts';
import type { ApiRoute } from './route.ts';

/** The clients of an app: the same for its own people and for the operator. */
export function clientRoutes(appPath: string, noun: string, access: Access): readonly ApiRoute[] {
  const clients = `${appPath}/clients`;
  return [
    {
      method: 'GET',
      path: clients,
      name: `${noun} list`,
      tag: 'Clients',
      summary: 'The clients of an app, oldest first; never a secret',
      access,
      answers: { 200: ANSWERS.clients },
      handle: listClientsRoute,
    },
    {
      method: 'POST',
      path: clients,
      name: `${noun} create`,
      tag: 'Clients',
      summary: 'Make a client: `web` for people on a server, `public`, or `machine`',
      about:
        'A secret is in this answer only; `public` and `private_key_jwt` have none. Scopes are a machine’s, and at most those of whoever asks. Metadata has the names of RFC 7591.',
      access,
      once: 'optional',
      codes: ['not_found', 'conflict', 'insufficient_scope'],
      answers: { 201: ANSWERS.createdClient },
      handle: createClientRoute,
    },
    {
      method: 'PATCH',
      path: `${clients}/:clientId`,
      name: `${noun} change`,
      tag: 'Clients',
      summary: 'Change name, redirect URIs, origins, a machine’s scopes, other metadata',
      about: 'null takes a member away, what is left out stays. Holds at the next request.',
      access,
      codes: ['not_found'],
      answers: { 200: ANSWERS.changedClient },
      handle: changeClientRoute,
    },
    {
      method: 'DELETE',
      path: `${clients}/:clientId`,
      name: `${noun} revoke`,
      tag: 'Clients',
      summary: 'Revoke a client for good, with every token it holds',
      about: 'The client with the app’s own id stands and falls with the app.',
      access,
      codes: ['not_found', 'conflict', 'insufficient_scope'],
      answers: { 200: ANSWERS.done },
      handle: revokeClientRoute,
    },
  ];
}
