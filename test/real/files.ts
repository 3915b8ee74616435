import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { jaegerProgram } from './jaeger-server.js';
import { alertRules } from './queries.js';

const folder = join(import.meta.dirname, '../../../examples/observability');

/** What the programs that read the files of `examples/observability` say of them: Prometheus' own tool, and Jaeger as a collector. */
export function checkFiles(): string[] {
  return [
    ...complaints('promtool', 'check', 'rules', alertRules),
    ...complaints('promtool', 'check', 'config', '--syntax-only', join(folder, 'prometheus.yaml')),
    ...complaints(jaegerProgram(), 'validate', '--config', join(folder, 'collector.yaml')),
  ];
}

function complaints(program: string, ...args: readonly string[]): string[] {
  const { status, stderr, stdout, error } = spawnSync(program, args, { encoding: 'utf8' });
  return status === 0 ? [] : [`${program} ${args.join(' ')}: ${error?.message ?? `${stdout}${stderr}`}`];
}
