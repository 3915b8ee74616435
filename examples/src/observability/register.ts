/**
 * Sends spans and metrics to any OTLP endpoint, a Jaeger or a collector: load it before your program and change nothing in it.
 *
 *     OTEL_SERVICE_NAME=shop OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318 node --import ./register.js shop.js
 */
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { isMainThread } from 'node:worker_threads';
import { context, metrics, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';

const EVERY_MS = 250;

// The servers of the examples run in a thread of their own, which loads this file too.
const name = process.env.OTEL_SERVICE_NAME ?? 'example';
const resource = resourceFromAttributes({ 'service.name': isMainThread ? name : `${name}-backends` });

const tracing = new TracerProvider({
  resource,
  spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter(), scheduledDelayMillis: EVERY_MS })],
});
const metering = new MeterProvider({
  resource,
  readers: [new PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter(), exportIntervalMillis: 4 * EVERY_MS })],
});
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
propagation.setGlobalPropagator(new W3CTraceContextPropagator());
trace.setGlobalTracerProvider(tracing);
metrics.setGlobalMeterProvider(metering);

// The servers' own spans. A module is patched when it is required; what was imported from it before is brought up to date.
registerInstrumentations({ tracerProvider: tracing, instrumentations: [new HttpInstrumentation()] });
createRequire(import.meta.url)('node:http');
syncBuiltinESMExports();

process.once('beforeExit', () => {
  void Promise.all([tracing.shutdown(), metering.shutdown()]).catch((error: unknown) => console.error(error));
});
