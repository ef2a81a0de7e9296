import { ANSWERS } from '../../openapi/answers.ts';
import { API_PATH } from '../../paths.ts';
import {
  deleteAccountRoute,
  inviteOperatorRoute,
  listAccountsRoute,
  operateAccountRoute,
  showAccountRoute,
} from '../operator-account-routes.ts';
import {
  createTeamForRoute,
  expelMemberRoute,
  listAllTeamsRoute,
  listMembersOfRoute,
  moveAppRoute,
  putMemberRoute,
  showTeamRoute,
} from '../operator-team-routes.ts';
import type { ApiRoute } from './route.ts';

const ACCOUNTS = `${API_PATH}/admin/accounts`;
const TEAMS = `${API_PATH}/admin/teams`;
const access = { who: 'admin' } as const;
const people = { tag: 'People', access } as const;
const teams = { tag: 'Teams', access } as const;

const accountRoutes: readonly ApiRoute[] = [
  {
    ...people,
    method: 'GET',
    path: ACCOUNTS,
    name: 'account list',
    summary: 'People with an account here, oldest first; by address, one',
    answers: { 200: ANSWERS.accounts },
    handle: listAccountsRoute,
  },
  {
    ...people,
    method: 'GET',
    path: `${ACCOUNTS}/:accountId`,
    name: 'account show',
    summary: 'One person: how they sign in, where, and their teams',
    codes: ['not_found'],
    answers: { 200: ANSWERS.accountView },
    handle: showAccountRoute,
  },
  {
    ...people,
    method: 'PATCH',
    path: `${ACCOUNTS}/:accountId`,
    name: 'account change',
    summary: 'Suspend a person or let one go on; make one an operator, or no longer',
    about: 'Who is suspended is signed out everywhere, at once. `conflict`: your own account.',
    codes: ['not_found', 'conflict'],
    answers: { 200: ANSWERS.account },
    handle: operateAccountRoute,
  },
  {
    ...people,
    method: 'DELETE',
    path: `${ACCOUNTS}/:accountId`,
    name: 'account delete',
    summary: 'Delete a person for good: all they hold ends, what is known of them goes',
    about:
      'What was used stays in the books. `conflict`: an operator, who must be made an ordinary person first; `last_owner`: a team with apps or other members would have no owner.',
    codes: ['not_found', 'conflict', 'last_owner'],
    answers: { 200: ANSWERS.done },
    handle: deleteAccountRoute,
  },
  {
    ...people,
    method: 'POST',
    path: `${API_PATH}/admin/operators`,
    name: 'operator invite',
    summary: 'Make a person an operator, by address',
    about:
      'Who has an account is one at once. For anybody else the answer has a link, good once, for an hour, that is for you to hand over: it is not sent.',
    answers: { 201: ANSWERS.operator },
    handle: inviteOperatorRoute,
  },
];

const teamRoutes: readonly ApiRoute[] = [
  {
    ...teams,
    method: 'GET',
    path: TEAMS,
    name: 'team list',
    summary: 'Every team, oldest first; those with a text in their names',
    answers: { 200: ANSWERS.allTeams },
    handle: listAllTeamsRoute,
  },
  {
    ...teams,
    method: 'POST',
    path: TEAMS,
    name: 'team create',
    summary: 'Make a team that a person owns, by account or by address',
    about: 'An address that no account here has shown to be its own gets an invitation by mail.',
    once: 'optional',
    codes: ['not_found', 'conflict'],
    answers: { 201: ANSWERS.newTeam },
    handle: createTeamForRoute,
  },
  {
    ...teams,
    method: 'GET',
    path: `${TEAMS}/:teamId`,
    name: 'team show',
    summary: 'One team: members, open invitations, apps; at most the first thousand of each',
    codes: ['not_found'],
    answers: { 200: ANSWERS.teamView },
    handle: showTeamRoute,
  },
  {
    ...teams,
    method: 'GET',
    path: `${TEAMS}/:teamId/members`,
    name: 'team members',
    summary: 'The members of a team, in the order of their ids',
    codes: ['not_found'],
    answers: { 200: ANSWERS.members },
    handle: listMembersOfRoute,
  },
  {
    ...teams,
    method: 'PUT',
    path: `${TEAMS}/:teamId/members/:accountId`,
    name: 'team set-member',
    summary: 'Put a person into a team, or give a member another role',
    about: 'The way back when a team’s only owner is gone. A team keeps an owner.',
    codes: ['not_found', 'last_owner'],
    answers: { 200: ANSWERS.done },
    handle: putMemberRoute,
  },
  {
    ...teams,
    method: 'DELETE',
    path: `${TEAMS}/:teamId/members/:accountId`,
    name: 'team remove-member',
    summary: 'Take a member out; the keys that they made are due for rotation',
    codes: ['not_found', 'last_owner'],
    answers: { 200: ANSWERS.keysDue },
    handle: expelMemberRoute,
  },
  {
    ...teams,
    method: 'PUT',
    path: `${API_PATH}/admin/apps/:appId/team`,
    name: 'app set-team',
    summary: 'Give an app to a team; null: to the operator',
    about:
      'From the next request on its people are those of the team; what the others were shown of it is due for rotation.',
    codes: ['not_found'],
    answers: { 200: ANSWERS.keysDue },
    handle: moveAppRoute,
  },
];

/** People and teams, for the operator. */
export const PEOPLE_ROUTES: readonly ApiRoute[] = [...accountRoutes, ...teamRoutes];
