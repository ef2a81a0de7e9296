import type { Logger } from '@clearinghouse/shared';
import type { MailRoute } from './open-mail.ts';
import type { Mail } from './send-mail.ts';

/**
 * Hands mails over without waiting for them: how long a page takes must not tell whether an
 * address is known.
 */
export type Postman = {
  readonly post: (mail: Mail) => void;
  readonly isConfigured: boolean;
  /** Waits for what is under way, then closes the route. */
  readonly stop: () => Promise<void>;
};

export function createPostman(route: MailRoute, deps: { log: Logger }): Postman {
  const pending = new Set<Promise<void>>();
  const deliver = async (mail: Mail) => {
    try {
      await route.send(mail);
    } catch (err) {
      deps.log.error({ err }, 'mail was not sent');
    }
  };
  return {
    isConfigured: route.isConfigured,
    post: (mail) => {
      const delivery = deliver(mail).finally(() => pending.delete(delivery));
      pending.add(delivery);
    },
    stop: async () => {
      await Promise.all(pending);
      await route.stop();
    },
  };
}
