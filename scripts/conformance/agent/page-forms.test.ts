import { describe, expect, it } from 'vitest';
import { fillForm, findForm, formsOf, linkTo } from './page-forms.ts';
import type { Visit } from './user-agent.ts';

const visit = (text: string): Visit => ({
  url: new URL('http://127.0.0.1:4000/interaction/1'),
  status: 200,
  text,
  headers: new Headers(),
  left: undefined,
  trail: [],
});

describe('forms of a page', () => {
  it('have what would be sent: hidden and typed values, checked boxes, entities decoded', () => {
    const [form] = formsOf(
      visit(`<form method="post" action="/a?x=1&amp;y=2">
        <input type="hidden" name="csrf" value="&quot;t&quot;">
        <input id="email" name="email" type="email" required>
        <input type="checkbox" name="remember" value="yes" checked>
        <input type="checkbox" name="news" value="yes">
        <button type="submit">Go</button></form>`),
    );
    expect(form).toEqual({
      action: 'http://127.0.0.1:4000/a?x=1&y=2',
      method: 'POST',
      origin: 'http://127.0.0.1:4000',
      fields: { csrf: '"t"', email: '', remember: 'yes' },
    });
  });

  it('are found by the end of their path, and a page without the form is an error', () => {
    const page = visit('<form action="/i/1/abort"></form><form action="/i/1/consent"></form>');
    expect(findForm(page, '/consent').action).toMatch(/consent$/);
    expect(() => findForm(page, '/password')).toThrow('no form /password');
    expect(fillForm(findForm(page, '/abort'), { a: 'b' }).fields).toEqual({ a: 'b' });
  });

  it('links are found the same way', () => {
    expect(linkTo(visit('<a class="x" href="/i/1/sign-up">New</a>'), '/sign-up')).toBe(
      'http://127.0.0.1:4000/i/1/sign-up',
    );
    expect(() => linkTo(visit(''), '/sign-up')).toThrow('no link');
  });
});
