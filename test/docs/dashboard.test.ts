import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ROOT } from './pages.js';

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description: string;
  readonly datasource: { readonly type: string; readonly uid: string };
  readonly gridPos: Readonly<Record<'x' | 'y' | 'w' | 'h', number>>;
  readonly fieldConfig: { readonly defaults: { readonly unit: string } };
  readonly targets: readonly { readonly refId: string; readonly expr: string; readonly legendFormat: string }[];
}

/** Columns of Grafana's grid. */
const COLUMNS = 24;
/** Grafana's own names of units. */
const UNITS = ['percentunit', 's', 'short', 'ops'];

const folder = join(ROOT, 'examples/observability');
const file = (name: string): string => readFileSync(join(folder, name), 'utf8');
const dashboard = JSON.parse(file('grafana/hedgerow.json')) as { readonly schemaVersion: number; readonly panels: readonly Panel[] };
const { panels } = dashboard;

describe('the dashboard for Grafana', () => {
  it('has panels with a title, an explanation and a unit, of the data source that comes with it', () => {
    expect(dashboard.schemaVersion).toBeGreaterThanOrEqual(36);
    const uid = /uid: (\w+)/.exec(file('grafana/datasources.yaml'))?.[1];
    for (const panel of panels) {
      expect(panel).toMatchObject({ type: 'timeseries', title: expect.stringMatching(/\S/), description: expect.stringMatching(/\.$/) });
      expect(panel.datasource).toEqual({ type: 'prometheus', uid });
      expect(UNITS).toContain(panel.fieldConfig.defaults.unit);
    }
  });

  it('tells panels, and the queries of a panel, apart', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const { targets } of panels) {
      expect(targets.length).toBeGreaterThan(0);
      expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
      for (const { expr, legendFormat } of targets) expect([expr, legendFormat]).not.toContain('');
    }
  });

  it('lays panels side by side, none over another', () => {
    const taken = panels.flatMap(({ gridPos: { x, y, w, h } }) => {
      expect(x + w).toBeLessThanOrEqual(COLUMNS);
      return Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`);
    });
    expect(new Set(taken).size).toBe(taken.length);
  });

  it('comes with containers that mount what is there', () => {
    const mounts = [...file('compose.yaml').matchAll(/(\.\/\S+):(\/\S+):ro/g)].map(([, source = '', target = '']) => ({ source, target }));
    expect(mounts.filter(({ source }) => !existsSync(join(folder, source)))).toEqual([]);
    const provided = /path: ([^ }]+)/.exec(file('grafana/dashboards.yaml'))?.[1] ?? '?';
    expect(mounts.some(({ target }) => target.startsWith(provided))).toBe(true);
  });
});
