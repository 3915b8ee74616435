import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '../../../examples/observability');

/** The file of the alert rules. */
export const alertRules: string = join(folder, 'alerts.yaml');

interface Dashboard {
  readonly panels: readonly { readonly title: string; readonly targets: readonly { readonly expr: string }[] }[];
}

/** A query that users are given, and where. */
export interface GivenQuery {
  readonly where: string;
  readonly expression: string;
}

/** Every query of the dashboard, and of the documentation. Prometheus reads those of the alert rules itself. */
export function givenQueries(): GivenQuery[] {
  const { panels } = JSON.parse(readFileSync(join(folder, 'grafana/hedgerow.json'), 'utf8')) as Dashboard;
  const dashboard = panels.flatMap(({ title, targets }) =>
    targets.map(({ expr }) => ({ where: `dashboard, "${title}"`, expression: expr.replaceAll('$__rate_interval', '1m') })),
  );
  const page = readFileSync(join(folder, '../../docs/telemetry.md'), 'utf8');
  const blocks = [...page.matchAll(/```promql\n(.*?)```/gs)].map(([, block = '']) => block);
  const lines = blocks.flatMap((block) => block.split('\n')).filter((line) => line !== '' && !line.startsWith('#'));
  return [...dashboard, ...lines.map((line) => ({ where: 'docs/telemetry.md', expression: line.replaceAll('[5m]', '[1m]') }))];
}

/** The expressions of the alert rules, without their thresholds' time spans. */
export function alertExpressions(): GivenQuery[] {
  const text = readFileSync(alertRules, 'utf8');
  return [...text.matchAll(/alert: (\w+)\n\s+expr: >-\n(.*?)\n\s+for:/gs)].map(([, name = '', expression = '']) => ({
    where: `alert ${name}`,
    expression,
  }));
}

/** What a comparison compares, but for numbers; what is none, whole. A comparison that does not hold has no answer, its sides must have one. */
export function sidesOf(expression: string): string[] {
  return expression.split(/\s+[<>]\s+/).map((side) => side.trim()).filter((side) => Number.isNaN(Number(side)));
}

/** The metrics that an expression names. */
export function metricsIn(expression: string): string[] {
  const withoutLabels = expression.replace(/\{[^}]*\}/g, '').replace(/\bby \([^)]*\)/g, '');
  return [...withoutLabels.matchAll(/\bhedge_[a-z_]+/g)].map(([name]) => name);
}
