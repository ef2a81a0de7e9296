import { describe, expect, it } from 'vitest';
import { QUEUES, replyQueueName } from './queues.ts';

describe('the table of queues', () => {
  it('tries an ask once: its asker is gone before a second try', () => {
    for (const queue of Object.values(QUEUES)) {
      if (queue.kind === 'ask') expect(queue.attempts).toBe(1);
      else expect(queue.attempts).toBeGreaterThan(1);
    }
  });

  it('lets no service speak to itself', () => {
    for (const queue of Object.values(QUEUES)) {
      expect(queue.from as readonly string[]).not.toContain(queue.to);
    }
  });
});

describe('the name of a reply queue', () => {
  it('says the service and the process', () => {
    expect(replyQueueName('signer', 'a_1-B')).toBe('reply-signer-a_1-B');
  });

  it.each(['', 'a:b', 'a b', 'a*', 'é', 'x'.repeat(65)])('refuses the replica id %j', (id) => {
    expect(() => replyQueueName('signer', id)).toThrow();
  });
});
