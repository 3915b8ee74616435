import { context, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { isHedge } from '@hedgerow/core';
import type { Cluster } from '../cluster/types.js';
import { buildTrace, type Trace } from './tree.js';

/** With one straggler in twenty requests a hundred calls are all but certain to meet one. */
const MAX_TRIES = 500;

/**
 * Registers the OpenTelemetry SDK, makes calls until a hedge wins one, and returns that call's trace. The SDK is removed
 * afterwards.
 *
 * @param call - makes one hedged call and resolves to the client's response.
 */
export async function captureHedgedCall(
  call: () => Promise<unknown>,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<Trace | undefined> {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  trace.setGlobalTracerProvider(provider);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  try {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      signal.throwIfAborted();
      exporter.reset();
      if (!isHedge(await insideSpan('show the quote', call))) continue;
      const { traceparents } = await cluster.settled();
      return buildTrace(exporter.getFinishedSpans(), traceparents);
    }
    return undefined;
  } finally {
    trace.disable();
    context.disable();
    propagation.disable();
    await provider.shutdown();
  }
}

function insideSpan<T>(name: string, work: () => Promise<T>): Promise<T> {
  return trace.getTracer('hedgerow-demo').startActiveSpan(name, async (span) => {
    try {
      return await work();
    } finally {
      span.end();
    }
  });
}
