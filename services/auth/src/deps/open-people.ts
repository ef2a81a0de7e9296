import { join } from 'node:path';
import type { Logger, Sql } from '@clearinghouse/shared';
import { readBreachedPasswords } from '../accounts/password-rules.ts';
import type { PeopleConfig } from '../config/people.ts';
import { LIMITS } from '../limits.ts';
import { openMail } from '../mail/open-mail.ts';
import { createPostman } from '../mail/postman.ts';
import { invitationMail } from '../mail/write-mails.ts';
import { createPageSources } from '../oidc/page-sources.ts';
import { readAssetFiles } from '../pages/asset-files.ts';
import type { PageKit } from '../pages/page.ts';
import { createCsrf } from '../sign-in/csrf.ts';
import { passkeySiteOf } from '../sign-in/passkeys/passkey-site.ts';
import { openUpstream } from '../sign-in/upstream/open-upstream.ts';
import { openContractAsker } from '../sign-in/wallet/ask-contract.ts';
import { hasInvitation } from '../teams/has-invitation.ts';
import { showInvitation } from '../teams/show-invitation.ts';

const ASSETS_FOLDER = join(import.meta.dirname, '../../assets');

type Base = { readonly db: Sql; readonly log: Logger; readonly nowMs: () => number };

const DAY_SEC = 86_400;

/** Makes what sign-in and its pages need. */
export function openPeople(
  config: PeopleConfig & { readonly origin: string; readonly cookieKeys: readonly string[] },
  base: Base,
) {
  const { origin, installationName, logoOrigins, breachedPasswords, siweRpcUrl } = config;
  const assets = readAssetFiles(ASSETS_FOLDER);
  const pageKit: PageKit = { installationName, origin, logoOrigins, asset: assets.asset };
  const contracts = siweRpcUrl === undefined ? undefined : openContractAsker(siweRpcUrl);
  const postman = createPostman(openMail(config, base), base);
  const upstreams = new Map(
    config.upstreamProviders.map((settings) => [settings.id, openUpstream(settings, base)]),
  );
  return {
    origin,
    installationName,
    signUp: config.signUp,
    signInMethods: config.signInMethods,
    assets,
    pageKit,
    pageSources: createPageSources(pageKit),
    csrf: createCsrf(config.cookieKeys),
    passkeySite: passkeySiteOf(origin),
    askContract: contracts?.ask,
    postman,
    upstreams,
    breached:
      breachedPasswords === undefined ? undefined : readBreachedPasswords(breachedPasswords),
    isInvited: (email: string) => hasInvitation(base, { email }),
    sendInvitation: ({ email, token }: { email: string; token: string }) => {
      const link = `${origin}/account/invitation?token=${token}`;
      const days = LIMITS.invitationTtlSec / DAY_SEC;
      const letter = { to: email, installation: installationName, origin, link, days };
      void showInvitation(base, { token }).then(
        (shown) => {
          if (!shown.ok) return;
          const { teamName: team, role, invitedBy: by } = shown.value;
          postman.post(invitationMail({ ...letter, team, role, by }));
        },
        (err: unknown) => base.log.warn({ err }, 'invitation not mailed'),
      );
    },
    peopleStops: [
      { name: 'mail', stop: postman.stop },
      { name: 'contracts', stop: async () => contracts?.stop() },
    ],
  };
}
