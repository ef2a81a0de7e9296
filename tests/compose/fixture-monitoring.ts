import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ROOT } from './fixture-compose.ts';

const FOLDER = join(ROOT, 'deploy/monitoring');
/** Names in an expression that are metrics: they have an underscore. */
const METRIC = /\b[a-z][a-z0-9]*(?:_[a-z0-9]+)+\b(?!\s*\()/g;
const HISTOGRAM_PART = /_(bucket|count|sum)$/;

export type Rule = {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity?: string };
  readonly annotations: { readonly summary: string };
};

type Panel = { readonly title: string; readonly targets: readonly { readonly expr: string }[] };

/** The alert rules of the repository. */
export function readRules(): Rule[] {
  return parse(read('alerts.yml')).groups[0].rules;
}

/** The jobs that Prometheus asks. */
export function readJobs(): string[] {
  const { scrape_configs: jobs } = parse(read('prometheus.yml'));
  return jobs.map((job: { job_name: string }) => job.job_name);
}

/** Every expression of the dashboard and of the alerts, with its title. */
export function readExpressions(): [title: string, expression: string][] {
  const panels: Panel[] = JSON.parse(read('grafana/clearinghouse.json')).panels;
  return [
    ...panels.flatMap(({ title, targets }) =>
      targets.map(({ expr }): [string, string] => [title, expr]),
    ),
    ...readRules().map(({ alert, expr }): [string, string] => [alert, expr]),
  ];
}

/** The metrics that an expression asks for. */
export function metricsOf(expression: string): string[] {
  const bare = expression.replace(/\{[^}]*\}/g, '').replace(/\bby \([^)]*\)/g, '');
  return [...bare.matchAll(METRIC)].map(([name]) => name.replace(HISTOGRAM_PART, ''));
}

/** The metrics that a service's answer to Prometheus declares. */
export function declaredMetrics(text: string): string[] {
  return [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name ?? '');
}

function read(name: string): string {
  return readFileSync(join(FOLDER, name), 'utf8');
}
