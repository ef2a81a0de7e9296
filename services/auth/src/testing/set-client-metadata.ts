import { isDeepStrictEqual } from 'node:util';
import { waitFor } from '@clearinghouse/testing';
import type { TestReplica } from './start-test-auth.ts';

/** Changes a client's metadata and waits until the replicas have heard of it. */
export async function setClientMetadata(
  replicas: readonly TestReplica[],
  clientId: string,
  metadata: Record<string, unknown>,
): Promise<void> {
  const [first] = replicas;
  if (!first) throw new Error('no replica');
  const { db } = first.deps;
  await db`
    update auth.clients set metadata = ${db.json(metadata as never)} where id = ${clientId}`;
  for (const { deps } of replicas) {
    await waitFor(async () => {
      const client = await deps.findClient(clientId);
      return isDeepStrictEqual(client?.metadata, metadata);
    });
  }
}
