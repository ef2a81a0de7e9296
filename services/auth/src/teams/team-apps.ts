import { type Outcome, ok } from '@clearinghouse/shared';
import { type CreatedApp, createApp } from '../apps/create-app.ts';
import { type ChangeIdentityDeps, changeIdentity } from '../identity/change-identity.ts';
import { permit, type TeamActor, type TeamRefusal } from './team-members.ts';
import { findAppsOfTeam, type ListPage, updateAppTeam } from './team-store.ts';

/** A page of the apps of a team, for any member. */
export async function listTeamApps(
  deps: ChangeIdentityDeps,
  input: TeamActor & ListPage,
): Promise<Outcome<{ id: string; name: string; status: string }[], TeamRefusal>> {
  const allowed = await permit(deps.db, input, 'read');
  return allowed.ok ? ok(await findAppsOfTeam(deps.db, input.teamId, input)) : allowed;
}

/** Makes an app that belongs to the team; its machine client's secret is shown this once. */
export async function createTeamApp(
  deps: ChangeIdentityDeps,
  input: TeamActor & { name: string; requestId?: string | undefined },
): Promise<Outcome<CreatedApp, TeamRefusal>> {
  return changeIdentity(deps, async (tx, record) => {
    const allowed = await permit(tx, input, 'apps');
    if (!allowed.ok) return allowed;
    const created = await createApp({ tx, record }, input);
    await updateAppTeam(tx, created.app.id, input.teamId);
    return ok(created);
  });
}
