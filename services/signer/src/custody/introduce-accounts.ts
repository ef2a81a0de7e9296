import type { Address } from '@clearinghouse/shared';
import type { Custody } from './account.ts';
import { type ChooseSender, createSenderChooser } from './choose-sender.ts';

/** What the accounts say of themselves over HTTP. */
export type Introductions = {
  /** The active account's, for probes. */
  readonly checksumAddress: string;
  readonly chooseSender: ChooseSender;
  /** The answer of `/sign-orchestrator-info`: a constant of each account. */
  readonly orchestratorInfo: (sender: Address) => string;
};

/** Has each account sign its own address, once. */
export async function introduceAccounts(
  { accounts }: Pick<Custody, 'accounts'>,
  selectable: readonly string[],
): Promise<Introductions> {
  const answers = await Promise.all(
    accounts.map(async (account) => {
      const signature = `0x${Buffer.from(await account.signOrchestratorInfo()).toString('hex')}`;
      const text = `${JSON.stringify({ address: account.checksumAddress, signature })}\n`;
      return [account.address, text] as const;
    }),
  );
  const known = new Map(answers);
  return {
    checksumAddress: accounts[0].checksumAddress,
    chooseSender: createSenderChooser({ accounts }, selectable),
    orchestratorInfo: (sender) => known.get(sender) ?? '',
  };
}
