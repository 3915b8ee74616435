import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDaemon } from './daemon.js';
import { freePorts } from './ports.js';

/** A Jaeger to send spans to and to ask. */
export interface Jaeger extends AsyncDisposable {
  /** Takes OTLP over HTTP. */
  readonly otlp: string;
  /** Answers queries. */
  readonly query: string;
  /** Jaeger is an OpenTelemetry Collector: host and port where it shows the metrics it was sent, for a Prometheus. */
  readonly metrics: string;
}

/** Where Jaeger 2 is; builds it first if it is not there. */
export function jaegerProgram(): string {
  const script = join(import.meta.dirname, '../../../scripts/install-jaeger.js');
  const { status, stdout } = spawnSync(process.execPath, [script], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  if (status !== 0) process.exit(1);
  return stdout.trim();
}

/** Starts Jaeger 2 with a storage in memory on free ports. */
export async function startJaeger(): Promise<Jaeger> {
  const [otlp = 0, query = 0, grpc = 0, metrics = 0] = await freePorts(4);
  const folder = mkdtempSync(join(tmpdir(), 'hedgerow-jaeger-'));
  const config = join(folder, 'jaeger.yaml');
  writeFileSync(config, configuration(otlp, query, grpc, metrics));
  const stop = await startDaemon('Jaeger', jaegerProgram(), ['--config', config], `http://127.0.0.1:${query}/api/services`);
  return {
    otlp: `http://127.0.0.1:${otlp}`,
    query: `http://127.0.0.1:${query}`,
    metrics: `127.0.0.1:${metrics}`,
    async [Symbol.asyncDispose]() {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function configuration(otlp: number, query: number, grpc: number, metrics: number): string {
  return `
service:
  extensions: [jaeger_storage, jaeger_query]
  pipelines:
    traces: { receivers: [otlp], exporters: [jaeger_storage_exporter] }
    metrics: { receivers: [otlp], exporters: [prometheus] }
  telemetry:
    metrics: { level: none }
    logs: { level: warn }
extensions:
  jaeger_storage:
    backends: { memory: { memory: { max_traces: 100000 } } }
  jaeger_query:
    storage: { traces: memory }
    http: { endpoint: '127.0.0.1:${query}' }
    grpc: { endpoint: '127.0.0.1:${grpc}' }
receivers:
  otlp: { protocols: { http: { endpoint: '127.0.0.1:${otlp}' } } }
exporters:
  jaeger_storage_exporter: { trace_storage: memory }
  prometheus: { endpoint: '127.0.0.1:${metrics}' }
`;
}
