import type { Person } from '../issuer/sign-up.ts';
import { fillForm, findForm, formsOf } from './page-forms.ts';
import type { UserAgent, Visit } from './user-agent.ts';

/** What the person was asked on the way. */
export type Asked = 'login' | 'consent';

/** Where a sign-in came to. */
export type SignedIn = { readonly end: Visit; readonly asked: readonly Asked[] };

const STEPS_MAX = 6;

/**
 * Goes on from a page as a person does: types address and password where they are asked for,
 * allows what an app asks for, until neither is asked any more.
 */
export async function signInAt(agent: UserAgent, start: Visit, person: Person): Promise<SignedIn> {
  const asked: Asked[] = [];
  let visit = start;
  for (let step = 0; step < STEPS_MAX; step += 1) {
    const question = questionOf(visit);
    if (question === undefined) return { end: visit, asked };
    asked.push(question);
    visit = await agent.submit(answerTo(visit, question, person));
  }
  throw new Error(`the questions do not end: ${asked.join(', ')}`);
}

function questionOf(visit: Visit): Asked | undefined {
  if (!visit.url.pathname.startsWith('/interaction/') || visit.status !== 200) return undefined;
  const paths = formsOf(visit).map(({ action }) => new URL(action).pathname);
  if (paths.some((path) => path.endsWith('/password'))) return 'login';
  return paths.some((path) => path.endsWith('/consent')) ? 'consent' : undefined;
}

function answerTo(visit: Visit, question: Asked, person: Person) {
  if (question === 'consent') return findForm(visit, '/consent');
  return fillForm(findForm(visit, '/password'), person);
}
