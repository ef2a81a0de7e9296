/** What a scope lets an app do, in words for its user. */
export type ScopeWords = { readonly says: string; readonly more?: string };

const WORDS: Readonly<Record<string, ScopeWords>> = {
  openid: { says: 'Know you again', more: 'It gets a name for you that no other app gets.' },
  email: { says: 'See your email address' },
  profile: { says: 'See your name' },
  offline_access: { says: 'Stay signed in', more: 'Until you take this back.' },
  'sign:job': {
    says: 'Pay for your video and AI jobs',
    more: 'What the app lets you spend, and no more.',
  },
  manage: {
    says: 'Manage your apps and teams',
    more: 'With the rights that you have there, keys included.',
  },
};

/** The words of a scope; one that we do not know is shown as it is. */
export function scopeWords(scope: string): ScopeWords {
  return WORDS[scope] ?? { says: scope };
}
