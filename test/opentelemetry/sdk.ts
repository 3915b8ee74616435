import { context, metrics, propagation, trace, SpanKind, SpanStatusCode, type Attributes } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { MeterProvider, MetricReader, type DataPoint, type Histogram, type MetricData } from '@opentelemetry/sdk-metrics';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider, type ReadableSpan, type Sampler } from '@opentelemetry/sdk-trace';

/** A span as the tests look at it. */
export interface SeenSpan {
  readonly name: string;
  readonly kind: string;
  readonly id: string;
  readonly traceId: string;
  readonly parent: string | undefined;
  readonly status: string;
  readonly description: string | undefined;
  readonly attributes: Attributes;
  readonly endedAfter: (other: SeenSpan) => boolean;
}

/** A value of a metric and what it is about; of a histogram the number of records and their sum. */
export interface Point {
  readonly attributes: Attributes;
  readonly value: number;
  readonly sum?: number | undefined;
  readonly buckets?: readonly number[];
}

/** The real SDK, with exporters in memory, as the global one. */
export interface Sdk {
  /** Spans ended so far, in the order of their start. */
  spans(): SeenSpan[];
  /** Forgets the spans seen so far. */
  forget(): void;
  /** The CLIENT spans among them. */
  clients(): SeenSpan[];
  /** What a metric's points are now. */
  points(name: string): Promise<readonly Point[]>;
  /** What the points of every metric are now, all collected at once. */
  collect(): Promise<(name: string) => readonly Point[]>;
  /** The sum over all points of a metric whose attributes include these. */
  total(name: string, attributes?: Attributes): Promise<number>;
  /** Unit of a metric. */
  unit(name: string): Promise<string | undefined>;
  readonly meterProvider: MeterProvider;
  stop(): Promise<void>;
}

class Reader extends MetricReader {
  protected override onForceFlush(): Promise<void> {
    return Promise.resolve();
  }
  protected override onShutdown(): Promise<void> {
    return Promise.resolve();
  }
}

/** Registers an {@link Sdk} globally until it is stopped. */
export function startSdk(sampler?: Sampler): Sdk {
  const exporter = new InMemorySpanExporter();
  const spanProcessors = [new SimpleSpanProcessor({ exporter })];
  const tracerProvider = new TracerProvider(sampler ? { spanProcessors, sampler } : { spanProcessors });
  const reader = new Reader();
  const meterProvider = new MeterProvider({ readers: [reader] });
  trace.setGlobalTracerProvider(tracerProvider);
  metrics.setGlobalMeterProvider(meterProvider);
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());

  const collect = async (): Promise<(name: string) => MetricData | undefined> => {
    const { resourceMetrics, errors } = await reader.collect();
    if (errors.length > 0) throw new AggregateError(errors, 'collecting metrics failed');
    const all = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
    return (name) => all.find(({ descriptor }) => descriptor.name === name);
  };
  const points = async (name: string): Promise<readonly Point[]> => pointsOf((await collect())(name));
  const spans = (): SeenSpan[] => exporter.getFinishedSpans().map(see).sort(byStart).map(({ seen }) => seen);

  return {
    spans,
    forget: () => exporter.reset(),
    clients: () => spans().filter(({ kind }) => kind === 'CLIENT'),
    points,
    collect: async () => {
      const metric = await collect();
      return (name) => pointsOf(metric(name));
    },
    async total(name, attributes = {}) {
      const wanted = Object.entries(attributes);
      const chosen = (await points(name)).filter((point) => wanted.every(([key, value]) => point.attributes[key] === value));
      return chosen.reduce((sum, { value }) => sum + value, 0);
    },
    unit: async (name) => (await collect())(name)?.descriptor.unit,
    meterProvider,
    async stop() {
      for (const api of [trace, metrics, propagation, context]) api.disable();
      await tracerProvider.shutdown();
      await meterProvider.shutdown();
    },
  };
}

function pointsOf(metric: MetricData | undefined): readonly Point[] {
  return ((metric?.dataPoints ?? []) as DataPoint<number | Histogram>[]).map(({ attributes, value }) =>
    typeof value === 'number'
      ? { attributes, value }
      : { attributes, value: value.count, sum: value.sum, buckets: value.buckets.boundaries },
  );
}

function see(span: ReadableSpan): { readonly seen: SeenSpan; readonly start: number; readonly number: number } {
  const end = milliseconds(span.endTime);
  ends.set(span.spanContext().spanId, end);
  const seen: SeenSpan = {
    name: span.name,
    kind: SpanKind[span.kind],
    id: span.spanContext().spanId,
    traceId: span.spanContext().traceId,
    parent: span.parentSpanContext?.spanId,
    status: SpanStatusCode[span.status.code],
    description: span.status.message,
    attributes: span.attributes,
    endedAfter: (other) => end > (ends.get(other.id) ?? Infinity),
  };
  return { seen, start: milliseconds(span.startTime), number: Number(span.attributes['hedge.attempt.number'] ?? -1) };
}

const ends = new Map<string, number>();

const milliseconds = ([seconds, nanoseconds]: readonly [number, number]): number => seconds * 1e3 + nanoseconds / 1e6;

function byStart(a: ReturnType<typeof see>, b: ReturnType<typeof see>): number {
  return a.start - b.start || a.number - b.number;
}
