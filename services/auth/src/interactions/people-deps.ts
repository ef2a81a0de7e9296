import type { Logger } from '@clearinghouse/shared';
import type { Provider } from 'oidc-provider';
import type { MailDeps } from '../accounts/request-reset.ts';
import type { SignUpDeps } from '../accounts/request-sign-up.ts';
import type { UseTokenDeps } from '../accounts/use-mail-token.ts';
import type { PageKit } from '../pages/page.ts';
import type { ConsumeRate } from '../rate-limits/rate-limit.ts';
import type { Csrf } from '../sign-in/csrf.ts';
import type { PasskeySite } from '../sign-in/passkeys/passkey-site.ts';
import type { ResolveDeps } from '../sign-in/resolve-identity.ts';
import type { UpstreamDeps } from '../sign-in/upstream/start-upstream.ts';
import type { FinishWalletDeps } from '../sign-in/wallet/finish-wallet.ts';
import type { StartWalletDeps } from '../sign-in/wallet/start-wallet.ts';

/** What the routes of sign-in and of accounts are made with. */
export type PeopleDeps = ResolveDeps &
  SignUpDeps &
  MailDeps &
  UseTokenDeps &
  StartWalletDeps &
  FinishWalletDeps &
  UpstreamDeps & {
    readonly log: Logger;
    readonly pageKit: PageKit;
    readonly csrf: Csrf;
    readonly consumeRate: ConsumeRate;
    readonly signInMethods: readonly ('password' | 'passkey' | 'wallet' | 'upstream')[];
    /** Undefined where the origin is an address: passkeys need a name. */
    readonly passkeySite: PasskeySite | undefined;
    readonly issuerParts: { readonly provider: () => Provider };
  };
