import { describe, expect, it } from 'vitest';
import { readCompose } from './fixture-compose.ts';
import { metricsOf, readExpressions, readJobs, readRules } from './fixture-monitoring.ts';

describe('what operators watch with', () => {
  it('every alert says how grave it is and what it means, and no name stands twice', () => {
    const rules = readRules();
    for (const rule of rules) {
      expect(['page', 'ticket']).toContain(rule.labels.severity);
      expect(rule.annotations.summary.length).toBeGreaterThan(10);
    }
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  });

  it.each(readExpressions())('%s asks for something: %s', (_title, expression) => {
    expect(metricsOf(expression).length + (/^up\b/.test(expression) ? 1 : 0)).toBeGreaterThan(0);
  });

  it('Prometheus asks each service, on the port that compose gives it', () => {
    const { services } = readCompose();
    expect(readJobs()).toEqual(['auth', 'billing', 'signer']);
    for (const job of readJobs()) {
      expect(services[job]?.environment).toMatchObject({
        METRICS_PORT: '9464',
        METRICS_HOST: '0.0.0.0',
      });
      expect(services[job]?.ports ?? []).not.toContainEqual(expect.stringContaining('9464'));
    }
  });
});
