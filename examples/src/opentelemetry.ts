/** OpenTelemetry: register an SDK as you always do, and each attempt is a span. Here everything goes to the console. */
import { context, metrics, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { ConsoleMetricExporter, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { ConsoleSpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import axios from 'axios';
import { hedgedAdapter, hedgeInfo } from '@hedgerow/axios';
import { startCluster } from 'hedgerow';

const tracing = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: new ConsoleSpanExporter() })] });
const metering = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter: new ConsoleMetricExporter() })] });
trace.setGlobalTracerProvider(tracing);
metrics.setGlobalMeterProvider(metering);
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
propagation.setGlobalPropagator(new W3CTraceContextPropagator());

// With this seed the first request of the first backend is a straggler, and that of the second one is not.
const latency = { meanMs: 5, sdMs: 1, stragglers: 0.5, slowdown: 20 };
await using cluster = await startCluster({ isolated: true, seed: 16, latency, recordTraceparents: true });

const client = axios.create({ baseURL: cluster.url, adapter: hedgedAdapter({ delay: 20 }) });

console.log('Three spans follow: the hedge that won, the cancelled primary, and the span of this script around both.\n');
await trace.getTracer('example').startActiveSpan('show an item', async (span) => {
  const info = hedgeInfo(await client.get('/items/42'));
  span.setAttribute('example.answered_by_hedge', info?.isHedge ?? false);
  span.end();
});

console.log('\nEach attempt carried a traceparent of its own, as the backends saw:\n');
for (const { backend, traceparent } of (await cluster.settled()).traceparents) {
  console.log(`backend ${backend}: ${traceparent}`);
}

console.log('\nThe metrics, as they are exported at the end:\n');
await metering.shutdown();
await tracing.shutdown();
