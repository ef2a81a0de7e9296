import type { Transaction } from '@clearinghouse/shared';

/** Claims a step that is done once for an installation; false when it was done before. */
export async function claimStep(tx: Transaction, step: string): Promise<boolean> {
  const rows = await tx`
    insert into auth.installation (step) values (${step})
    on conflict do nothing returning 1`;
  return rows.length > 0;
}

/** What a step left behind. */
export async function findStep(
  tx: Transaction,
  step: string,
): Promise<Record<string, unknown> | undefined> {
  const [row] = await tx<{ detail: Record<string, unknown> }[]>`
    select detail from auth.installation where step = ${step}`;
  return row?.detail;
}

/** Keeps what a step made; never a secret. */
export async function writeStepDetail(
  tx: Transaction,
  step: string,
  detail: Record<string, string>,
): Promise<void> {
  await tx`update auth.installation set detail = ${tx.json(detail)} where step = ${step}`;
}
