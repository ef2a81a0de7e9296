import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { findPromtool } from '@clearinghouse/testing';
import { describe, expect, it } from 'vitest';

const HERE = import.meta.dirname;
const RULES = join(HERE, '../../deploy/monitoring/alerts.yml');

/** What Prometheus' own tool says; throws when it finds a fault. */
function promtool(...args: string[]): string {
  const program = findPromtool();
  if (!program) throw new Error('no promtool on PATH: install the package prometheus');
  return execFileSync(program, args, { encoding: 'utf8' });
}

describe('alert rules, as Prometheus reads them', () => {
  it('are rules', () => {
    expect(promtool('check', 'rules', RULES)).toMatch(/SUCCESS: \d+ rules found/);
  });

  it('sound when they must, once, and not before', () => {
    expect(promtool('test', 'rules', join(HERE, 'alert-rules.yml'))).toMatch(/SUCCESS/);
  });
});
