import { describe, expect, it } from 'vitest';
import { hashSecret } from '../secrets/generated-secret.ts';
import { compareSecret } from './compare-secret.ts';

const now = new Date('2026-01-01T00:00:00Z');
const earlier = new Date('2025-12-31T23:59:59Z');
const later = new Date('2026-01-01T00:00:01Z');
const secret = (text: string, expiresAt: Date | null = null) => ({
  sha256: hashSecret(text),
  expiresAt,
});

describe('client secrets', () => {
  it('takes either of two while one is rotated out', () => {
    const secrets = [secret('old', later), secret('new')];
    expect(compareSecret(secrets, 'old', now)).toBe(true);
    expect(compareSecret(secrets, 'new', now)).toBe(true);
  });

  it('refuses one that ended', () => {
    expect(compareSecret([secret('old', earlier), secret('new')], 'old', now)).toBe(false);
  });

  it.each(['', 'New', 'new ', 'other'])('refuses %j', (text) => {
    expect(compareSecret([secret('new')], text, now)).toBe(false);
  });

  it('refuses everything for a client that has none', () => {
    expect(compareSecret([], 'nobody', now)).toBe(false);
  });
});
