import { createTestDatabase, createTestQueueDatabase } from '@clearinghouse/testing';
import {
  type DatabaseSource,
  type Issuer,
  openIssuer,
} from '../../../scripts/conformance/issuer/open-issuer.ts';

/** Starts an issuer over databases of this run; whoever signs in does so at its real pages. */
export function startIssuer(): Promise<Issuer> {
  return openIssuer(testDatabases);
}

const testDatabases: DatabaseSource = async () => {
  const [main, queue] = await Promise.all([createTestDatabase(), createTestQueueDatabase()]);
  return {
    url: (role, database) =>
      (database === 'clearinghouse' ? main : queue).url(role as Parameters<typeof main.url>[0]),
    stop: async () => {
      await Promise.all([main.drop(), queue.drop()]);
    },
  };
};
