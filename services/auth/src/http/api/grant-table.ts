import { ANSWERS } from '../../openapi/answers.ts';
import type { Access } from '../../openapi/operation.ts';
import { listGrantsRoute, revokeAllGrantsRoute, revokeGrantRoute } from '../grant-routes.ts';
import type { ApiRoute } from './route.ts';

/** What people allowed the clients of an app: the same for its own people and for the operator. */
export function grantRoutes(
  appPath: string,
  noun: string,
  access: { readonly read: Access; readonly write: Access },
): readonly ApiRoute[] {
  const grants = `${appPath}/grants`;
  return [
    {
      method: 'GET',
      path: grants,
      name: `${noun} list`,
      tag: 'Users',
      summary: 'What people allowed the app’s clients when they signed in',
      about: 'In the order of the ids. Each of a sign-in’s tokens stands under one grant.',
      access: access.read,
      answers: { 200: ANSWERS.grants },
      handle: listGrantsRoute,
    },
    {
      method: 'DELETE',
      path: `${grants}/:grantId`,
      name: `${noun} revoke`,
      tag: 'Users',
      summary: 'Take a grant back, with every token under it, from the next request on',
      access: access.write,
      codes: ['not_found'],
      answers: { 200: ANSWERS.done },
      handle: revokeGrantRoute,
    },
    {
      method: 'POST',
      path: `${grants}/revoke-all`,
      name: `${noun} revoke-all`,
      tag: 'Users',
      summary: 'Take back all grants of the app, or those of one user or client',
      access: access.write,
      answers: { 200: ANSWERS.revoked },
      handle: revokeAllGrantsRoute,
    },
  ];
}
