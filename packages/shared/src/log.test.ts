import { describe, expect, it } from 'vitest';
import { createLog } from './log.ts';

describe('alarms of the log', () => {
  const told: string[] = [];
  const log = createLog({ service: 'test', level: 'fatal', onAlarm: (name) => told.push(name) });

  it('are told by name, of child loggers too, and nothing else is', () => {
    log.fatal({ alarm: 'one' }, 'an alarm');
    log.child({ part: 'x' }).fatal({ alarm: 'two' }, 'an alarm');
    log.fatal('no alarm');
    log.fatal({ alarm: 3 }, 'no name');
    log.fatal(null);
    expect(told).toEqual(['one', 'two']);
  });
});
