import { callApi } from './call-api.ts';
import type { Operator } from './open-operator.ts';

/** Lets a user spend one micro-USD in all, as the operator. */
export async function setCap(operator: Operator, userId: string): Promise<void> {
  const cap = {
    scope: 'user',
    scopeId: userId,
    metric: 'charge_micros',
    period: 'total',
    limit: '1',
  };
  await callApi({
    method: 'PUT',
    url: `${operator.base}/caps`,
    credential: operator.credential,
    json: { caps: [cap] },
  });
}
