import { hash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { keepAnswers } from './keep-answers.ts';

const paid = (state: string, payment: string) => ({
  status: 200,
  body: JSON.stringify({
    payment,
    state: { State: Buffer.from(state).toString('base64'), Sig: 'c2ln' },
  }),
});

describe('the book of answers', () => {
  it('counts a payment once however often it is answered', () => {
    const book = keepAnswers();
    expect(book.note(paid('one', 'a'))?.Sig).toBe('c2ln');
    book.note(paid('one', 'a'));
    book.note(paid('two', 'b'));
    expect(book.payments()).toBe(2);
    expect([...book.stateHashes()]).toEqual(['one', 'two'].map((text) => hash('sha256', text)));
    expect(book.byStatus()).toEqual({ 200: 3 });
    expect(book.differing()).toBe(0);
  });

  it('tells when one payment was answered with other bytes', () => {
    const book = keepAnswers();
    book.note(paid('one', 'a'));
    book.note(paid('one', 'b'));
    expect(book.differing()).toBe(1);
  });

  it('keeps a sample of what no fault explains', () => {
    const book = keepAnswers();
    for (const status of [402, 409, 480, 503]) book.note({ status, body: '{}' });
    book.note('lost');
    expect(book.unexpected().size).toBe(0);
    book.note({ status: 500, body: 'what is this' });
    expect([...book.unexpected()]).toEqual([['500', 'what is this']]);
  });
});
