import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDaemon } from './daemon.js';
import { freePorts } from './ports.js';

/** A Prometheus that scrapes every second. */
export interface Prometheus extends AsyncDisposable {
  /** The instant vector of an expression. Throws what Prometheus says of a bad one. */
  readonly query: (expression: string) => Promise<Sample[]>;
}

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** @param targets - job name to host and port. @param rules - a file of alert rules to load. */
export async function startPrometheus(targets: Readonly<Record<string, string>>, rules: string): Promise<Prometheus> {
  if (spawnSync('prometheus', ['--version']).error) {
    console.error('Prometheus is missing: scripts/install-prometheus.sh installs it on Debian.');
    process.exit(1);
  }
  const [port = 0] = await freePorts(1);
  const folder = mkdtempSync(join(tmpdir(), 'hedgerow-prometheus-'));
  const config = join(folder, 'prometheus.yml');
  const jobs = Object.entries(targets).map(([job, target]) => `  - { job_name: ${job}, static_configs: [{ targets: ['${target}'] }] }`);
  const globals = 'global: { scrape_interval: 1s, evaluation_interval: 1s }';
  writeFileSync(config, [globals, `rule_files: ['${rules}']`, 'scrape_configs:', ...jobs, ''].join('\n'));
  const url = `http://127.0.0.1:${port}`;
  const args = [`--config.file=${config}`, `--storage.tsdb.path=${join(folder, 'data')}`, `--web.listen-address=127.0.0.1:${port}`];
  const stop = await startDaemon('Prometheus', 'prometheus', args, `${url}/-/ready`);
  return {
    query: (expression) => query(url, expression),
    async [Symbol.asyncDispose]() {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface Answer {
  readonly status: string;
  readonly error?: string;
  readonly data?: { readonly result: readonly { readonly metric: Record<string, string>; readonly value: readonly [number, string] }[] };
}

async function query(url: string, expression: string): Promise<Sample[]> {
  const response = await fetch(`${url}/api/v1/query?${new URLSearchParams({ query: expression }).toString()}`);
  const { status, error, data } = (await response.json()) as Answer;
  if (status !== 'success' || data === undefined) throw new Error(`Prometheus does not take \`${expression}\`: ${error ?? status}`);
  return data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
}
