import { AggregationTemporality, type DataPoint, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { expect, it } from '@jest/globals';
import { shedHedges } from '@hedgerow/server';
import { reportShedding } from '@hedgerow/server/opentelemetry';

it('metrics say what the middleware counts, until they are ended', async () => {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const meterProvider = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 1e9 })] });
  let ms = 0;
  const shedding = shedHedges({ maxInFlight: 2, clock: { now: () => (ms += 100), eventLoop: () => ({ idle: ms / 2, active: ms / 2 }) } });
  const end = reportShedding(shedding, { meterProvider, name: 'api' });
  const mark = (attempt: number, call: string) => ({ attempt, isHedge: attempt > 0, callId: call, delayMs: 0, leftMs: undefined });
  for (const [attempt, call] of [[0, 'a'], [1, 'a'], [1, 'b'], [1, 'c']] as const) shedding.admission.enter(mark(attempt, call));
  const visit = shedding.admission.enter(mark(0, 'd'));
  if (typeof visit === 'object') shedding.admission.leave(visit, false);
  await meterProvider.forceFlush();
  const points = pointsOf(exporter).map(({ name, attributes: { 'hedge.name': own, ...rest }, value }) => [name, own, ...Object.values(rest), value].map(String).join(' '));
  expect(points).toEqual([
    'hedge.server.requests api primary 2',
    'hedge.server.requests api hedge 3',
    'hedge.server.shed api busy 1',
    'hedge.server.shed api collision 1',
    'hedge.server.shed api expired 0',
    'hedge.server.abandoned api 1',
    'hedge.server.active api 2',
    'hedge.server.limit api 2',
    'hedge.server.utilization api 0.5',
  ]);
  end();
  shedding.admission.enter(mark(0, 'e'));
  exporter.reset();
  await meterProvider.forceFlush();
  expect(pointsOf(exporter).filter(({ attributes, value }) => attributes['hedge.attempt.type'] === 'primary' && value === 3)).toEqual([]);
  await meterProvider.shutdown();
});

interface Point {
  readonly name: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly value: unknown;
}

function pointsOf(exporter: InMemoryMetricExporter): Point[] {
  const metrics = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
  return metrics.flatMap(({ descriptor: { name }, dataPoints }) => Array.from<DataPoint<unknown>, Point>(dataPoints, ({ attributes, value }) => ({ name, attributes, value })));
}
