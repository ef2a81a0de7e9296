import { type AccountView, accountPage, part, rowAction } from './account-frame.ts';
import { csrfField, field, notice, when } from './form-parts.ts';
import { type Html, html } from './html.ts';
import type { Page } from './page.ts';

/** A team of a person. */
export type ShownTeam = { readonly id: string; readonly name: string; readonly role: string };

/** Somebody in a team, or asked to join it. */
export type ShownMember = {
  readonly accountId: string;
  readonly email: string | null;
  readonly displayName: string | null;
  readonly role: string;
  readonly joinedAt: Date;
};

const ROLE_WORDS: Readonly<Record<string, string>> = {
  owner: 'Owner: everything, other owners too',
  admin: 'Admin: members, apps, keys',
  developer: 'Developer: clients, keys, users',
  billing: 'Billing: usage and payments',
  viewer: 'Viewer: looks, and changes nothing',
};
const ROLES = Object.keys(ROLE_WORDS);

/** The teams of a person. */
export function teamsPage(view: AccountView, teams: readonly ShownTeam[]): Page {
  const rows = teams.map(
    ({ id, name, role }) =>
      html`<li><div><p><a href="/account/teams/${id}">${name}</a></p><p class="hint">${ROLE_WORDS[role] ?? role}</p></div></li>`,
  );
  const create = html`<form method="post" action="/account/teams"><div class="inline">${csrfField(view.csrf)}
${field({ id: 'name', label: 'Name of the team', type: 'text', autocomplete: 'organization', maxLength: 100 })}
<button class="quiet" type="submit">Create</button></div></form>`;
  return accountPage(view, {
    title: 'Teams',
    parts: html`${part('Your teams', 'A team owns apps. Its members share them, each by a role.', rows.length > 0 ? html`<ul class="rows">${rows}</ul>` : html`<p class="hint">None yet.</p>`)}
${part('A new team', 'You will be its owner.', create)}`,
  });
}

/** One team: who is in it, and who is asked. */
export function teamPage(
  view: AccountView,
  input: {
    readonly team: ShownTeam;
    readonly ownId: string;
    readonly members: readonly ShownMember[];
    readonly invitations: readonly {
      readonly id: string;
      readonly email: string;
      readonly role: string;
      readonly expiresAt: Date;
    }[];
  },
): Page {
  const { team, members, invitations, ownId } = input;
  const base = `/account/teams/${team.id}`;
  const mayChange = team.role === 'owner' || team.role === 'admin';
  const rows = members.map((member) => memberRow(view, base, member, { mayChange, ownId }));
  const open = invitations.map(
    ({ id, email, role, expiresAt }) =>
      html`<li><div><p>${email}</p><p class="hint">Asked to be ${role}, until ${when(expiresAt)}</p></div><div class="actions">${rowAction(view.csrf, `${base}/invitations/${id}/withdraw`, 'Withdraw', { about: email, ask: 'The link in the mail leads nowhere then.' })}</div></li>`,
  );
  return accountPage(view, {
    title: team.name,
    parts: html`<p class="trail"><a href="/account/teams">All teams</a></p>
${part(team.name, ROLE_WORDS[team.role] ?? team.role, html`<ul class="rows">${rows}</ul>`)}
${mayChange && part('Invite somebody', 'The link goes to the address, works once, for a week.', html`${inviteForm(view, base, team.role)}${open.length > 0 && html`<ul class="rows">${open}</ul>`}`)}
${part('Leave', 'Keys that you made are marked for replacement.', html`<div>${rowAction(view.csrf, `${base}/leave`, 'Leave the team', { ask: 'Only somebody who may invite can bring you back.' })}</div>`)}`,
  });
}

function memberRow(
  view: AccountView,
  base: string,
  member: ShownMember,
  options: { readonly mayChange: boolean; readonly ownId: string },
): Html {
  const { accountId, email, displayName, role, joinedAt } = member;
  const isSelf = accountId === options.ownId;
  const name = displayName ?? email ?? accountId;
  const change = html`<form method="post" action="${base}/members/${accountId}/role">${csrfField(view.csrf)}<select name="role" aria-label="Role of ${name}">${ROLES.map(
    (one) => html`<option value="${one}"${one === role && html` selected`}>${one}</option>`,
  )}</select><button class="quiet small" type="submit">Set</button></form>`;
  return html`<li><div><p>${name}${isSelf && html` <span class="tag">You</span>`}</p><p class="hint">${
    email !== null && email !== name && html`${email}, `
  }${role}, since ${when(joinedAt)}</p></div><div class="actions">${
    options.mayChange &&
    !isSelf &&
    html`${change}${rowAction(view.csrf, `${base}/members/${accountId}/remove`, 'Take out', { about: name, ask: `At once, ${name} can do nothing in this team. Keys that they made are marked for replacement.` })}`
  }</div></li>`;
}

function inviteForm(view: AccountView, base: string, ownRole: string): Html {
  const roles = ROLES.filter((role) => role !== 'owner' || ownRole === 'owner').reverse();
  return html`<form method="post" action="${base}/invite"><div class="inline three">${csrfField(view.csrf)}
${field({ id: 'email', label: 'Email address', type: 'email', autocomplete: 'off' })}
<div class="field"><label for="role">Role</label><select id="role" name="role">${roles.map(
    (role) => html`<option value="${role}">${role}</option>`,
  )}</select></div>
<button class="quiet" type="submit">Invite</button></div></form>`;
}

/** Where the link of an invitation leads somebody who is signed in. */
export function invitationPage(ask: {
  readonly token: string;
  readonly csrf: string;
  readonly who: string;
  readonly teamName: string;
  readonly role: string;
  /** The address of who invites; null: the operator. */
  readonly invitedBy: string | null;
  readonly fault?: string | undefined;
}): Page {
  const { token, csrf, who, teamName, role, invitedBy, fault } = ask;
  return {
    title: 'Join the team?',
    body: html`<h1>Join ${teamName}?</h1>
<p class="lead">${invitedBy ?? 'The operator of this installation'} invites you to this team, as <strong>${role}</strong>.</p>
<p>You are signed in as <strong>${who}</strong>. The members of the team will see your name and address.</p>
${notice({ fault })}
<form method="post" action="/account/invitation">${csrfField(csrf)}<input type="hidden" name="token" value="${token}">
<button type="submit">Join</button></form>
<p class="foot"><a href="/account/teams">Not now</a></p>`,
  };
}
