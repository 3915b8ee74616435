import { SpanKind, trace } from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { Hedger, hedgeInfo } from '@hedgerow/core';
import { instrumentHedger } from '@hedgerow/opentelemetry';

export async function call({ url }) {
  const exporter = new InMemorySpanExporter();
  trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }));
  const hedger = new Hedger({ delay: 20, budget: false });
  instrumentHedger(hedger, { name: 'check' });
  const request = { method: 'GET', url: `${url}/opentelemetry` };
  const start = async ({ signal, headers }) => (await fetch(request.url, { cache: 'no-store', signal, headers: { ...headers } })).json();
  const info = hedgeInfo(await hedger.run({ request, start }));
  trace.disable();
  const attempts = exporter.getFinishedSpans().filter(({ kind }) => kind === SpanKind.CLIENT);
  if (attempts.length !== 2) throw new Error(`${attempts.length} spans of attempts, not 2`);
  return info;
}
