import { expect, it } from 'vitest';
import { waitFor } from './wait-for.ts';

const countTo = (goal: number) => {
  let calls = 0;
  return () => {
    calls += 1;
    return calls >= goal ? calls : undefined;
  };
};

it('gives the first answer that is one', async () => {
  expect(await waitFor(countTo(3), { intervalMs: 1 })).toBe(3);
  expect(await waitFor(() => 0)).toBe(0);
  expect(await waitFor(() => '')).toBe('');
});

it('takes a throw for "not yet"', async () => {
  const ask = countTo(2);
  const answer = await waitFor(() => ask() ?? Promise.reject(new Error('early')), {
    intervalMs: 1,
  });
  expect(answer).toBe(2);
});

it.each([false, null, undefined])('does not take %s for an answer', async (value) => {
  const options = { what: 'the moon', timeoutMs: 5, intervalMs: 1 };
  await expect(waitFor(() => value, options)).rejects.toThrow('waited 5 ms for the moon');
});

it('names the last fault as the cause', async () => {
  const fail = () => Promise.reject(new Error('no such table'));
  await expect(waitFor(fail, { timeoutMs: 5, intervalMs: 1 })).rejects.toMatchObject({
    cause: { message: 'no such table' },
  });
});
