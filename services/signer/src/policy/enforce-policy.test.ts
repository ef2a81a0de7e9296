import { createLog } from '@clearinghouse/shared';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  makeInfo,
  makeRequest,
  ORCHESTRATOR,
  planned,
  TRANSCODER,
} from '../payments/fixtures/make-request.ts';
import type { PaymentPlan } from '../payments/plan.ts';
import { createSpending } from './count-spending.ts';
import { type Allowed, createPolicy, type SigningRules } from './enforce-policy.ts';
import type { RecipientFacts } from './recipient.ts';

const PLAN = planned(makeRequest());
const RECIPIENT = `0x${Buffer.from(PLAN.tickets.recipient).toString('hex')}`;
const HOST = new URL(TRANSCODER).hostname;
const NO_RULES: SigningRules = {
  bounds: {},
  recipients: { mustBeRegistered: false, mustBeOrchestrator: false, mustServeThere: false },
  recipientHourMaxWei: undefined,
  isDryRun: false,
};

let facts: Map<string, RecipientFacts | Promise<RecipientFacts>>;
let lookedUp: string[];
let counted: { code: string; isDryRun: boolean }[];
beforeEach(() => {
  facts = new Map([[RECIPIENT, { isRegistered: true, serviceUris: [`https://${HOST}:8935`] }]]);
  lookedUp = [];
  counted = [];
});

function policy(change: Partial<SigningRules>) {
  return createPolicy(
    {
      lookUp: (address) => {
        lookedUp.push(address);
        return facts.get(address);
      },
      spending: createSpending({ monotonicMs: () => 0 }),
      count: (refusal) => void counted.push(refusal),
      log: createLog({ service: 'test', level: 'silent' }),
    },
    { ...NO_RULES, ...change },
  );
}
const recipients = (change: Partial<SigningRules['recipients']>) =>
  policy({ recipients: { ...NO_RULES.recipients, ...change } });
const codeOf = (verdict: Awaited<ReturnType<ReturnType<typeof policy>>>) =>
  verdict.ok ? 'ok' : verdict.code;
const otherRecipient = planned(
  makeRequest({ orchestrator: makeInfo({ recipient: Buffer.alloc(20, 0x77) }) }),
);

describe('no rules', () => {
  test('everything passes, at once, and nobody is looked up', () => {
    expect(codeOf(policy({})(PLAN) as Allowed)).toBe('ok');
    expect(lookedUp).toEqual([]);
  });
});

describe('policy_recipient_unregistered', () => {
  test('only transcoders of the BondingManager', async () => {
    const enforce = recipients({ mustBeRegistered: true });
    expect(codeOf(await enforce(PLAN))).toBe('ok');
    facts.set(RECIPIENT, { isRegistered: false, serviceUris: [] });
    expect(codeOf(await enforce(PLAN))).toBe('policy_recipient_unregistered');
    expect(counted).toEqual([{ code: 'policy_recipient_unregistered', isDryRun: false }]);
  });

  test('known recipients are judged at once, unknown ones after the chain was asked', async () => {
    const enforce = recipients({ mustBeRegistered: true });
    expect(enforce(PLAN)).not.toBeInstanceOf(Promise);
    facts.set(RECIPIENT, Promise.resolve({ isRegistered: false, serviceUris: [] }));
    const verdict = enforce(PLAN);
    expect(verdict).toBeInstanceOf(Promise);
    expect(codeOf(await verdict)).toBe('policy_recipient_unregistered');
  });

  test('the chain away: 503, and not an accusation', async () => {
    facts.clear();
    expect(await recipients({ mustBeRegistered: true })(PLAN)).toMatchObject({
      status: 503,
      code: 'policy_recipient_unknown',
    });
  });
});

describe('policy_recipient_mismatch', () => {
  test('only the orchestrator’s own account', async () => {
    const enforce = recipients({ mustBeOrchestrator: true });
    expect(codeOf(await enforce(PLAN))).toBe('ok');
    expect(codeOf(await enforce(otherRecipient))).toBe('policy_recipient_mismatch');
    expect(codeOf(await policy({})(otherRecipient))).toBe('ok');
  });
});

describe('policy_service_uri', () => {
  const uris = (...serviceUris: string[]) => ({ isRegistered: true, serviceUris });
  test.each([
    ['the same host, another port', [`https://${HOST}:1`]],
    ['one of several', ['https://elsewhere.example', `https://${HOST.toUpperCase()}`]],
    ['no scheme', [`${HOST}:8935`]],
  ])('%s', async (_, list) => {
    facts.set(RECIPIENT, uris(...list));
    expect(codeOf(await recipients({ mustServeThere: true })(PLAN))).toBe('ok');
  });

  test.each([
    ['another host', ['https://elsewhere.example']],
    ['the host as a part of another', [`https://${HOST}.evil.example`]],
    ['the host as a user', [`https://${HOST}@evil.example`]],
    ['none at all', []],
    ['no URL', ['https://']],
  ])('%s', async (_, list) => {
    facts.set(RECIPIENT, uris(...list));
    const verdict = await recipients({ mustServeThere: true })(PLAN);
    expect(codeOf(verdict)).toBe('policy_service_uri');
  });

  test('a node with a wallet of its own may have registered under either account', async () => {
    const orchestrator = `0x${ORCHESTRATOR.toString('hex')}`;
    facts.set(`0x${'77'.repeat(20)}`, uris());
    facts.set(orchestrator, uris(`https://${HOST}`));
    const enforce = recipients({ mustServeThere: true });
    expect(codeOf(await enforce(otherRecipient))).toBe('ok');
    expect(lookedUp).toEqual([`0x${'77'.repeat(20)}`, orchestrator]);
  });
});

describe('policy_recipient_ev', () => {
  const two = { recipientHourMaxWei: PLAN.ticketEvWei * 2n };

  test('counts what was given out, and gives back what was not', async () => {
    const enforce = policy(two);
    const pay = async (isSpent: boolean) => {
      const verdict = await enforce(PLAN);
      if (!verdict.ok) return verdict.code;
      if (isSpent) verdict.spend();
      verdict.end();
      return 'ok';
    };
    expect(await pay(true)).toBe('ok');
    expect(await pay(false)).toBe('ok');
    expect(await pay(false)).toBe('ok');
    expect(await pay(true)).toBe('ok');
    expect(await pay(true)).toBe('policy_recipient_ev');
  });

  test('payments at the same time cannot pass it together', async () => {
    const enforce = policy(two);
    const verdicts = await Promise.all([1, 2, 3].map(async () => enforce(PLAN)));
    expect(verdicts.map(codeOf)).toEqual(['ok', 'ok', 'policy_recipient_ev']);
  });
});

describe('dry run: everything passes, and what would be refused is told', () => {
  const code = 'policy_face_value';
  test('a bound', async () => {
    const enforce = policy({ bounds: { faceValueMaxWei: 1n }, isDryRun: true });
    expect(codeOf(await enforce(PLAN))).toBe('ok');
    expect(counted).toEqual([{ code, isDryRun: true }]);
  });

  test('nobody waits for the chain', async () => {
    let answer: (found: RecipientFacts) => void = () => undefined;
    const waiting = new Promise<RecipientFacts>((resolve) => {
      answer = resolve;
    });
    facts.set(RECIPIENT, waiting);
    const enforce = policy({
      recipients: { ...NO_RULES.recipients, mustBeRegistered: true },
      isDryRun: true,
    });
    expect(enforce(PLAN)).toMatchObject({ ok: true });
    expect(counted).toEqual([]);
    answer({ isRegistered: false, serviceUris: [] });
    await new Promise((resolve) => setImmediate(resolve));
    expect(counted).toEqual([{ code: 'policy_recipient_unregistered', isDryRun: true }]);
  });
});

describe('the plan that is judged', () => {
  test('has the recipient of its tickets, not the introduced address', () => {
    const { address } = (otherRecipient satisfies PaymentPlan).opened.info;
    expect(address).not.toBe(`0x${Buffer.from(otherRecipient.tickets.recipient).toString('hex')}`);
  });
});
