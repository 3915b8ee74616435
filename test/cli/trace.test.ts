import { context, ROOT_CONTEXT, SpanStatusCode, trace, type Attributes, type Span } from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { describe, expect, it } from '@jest/globals';
import type * as text from '../../packages/cli/src/trace/text.js';
import type * as tree from '../../packages/cli/src/trace/tree.js';
import { internal } from './internal.js';

const { buildTrace, traceDuration } = (await import(internal('trace/tree.js'))) as typeof tree;
const { traceLines } = (await import(internal('trace/text.js'))) as typeof text;

/** A caller's span over 40 ms, the cancelled primary below it, and a hedge that started at 10 ms and won at 40. */
function recorded() {
  const exporter = new InMemorySpanExporter();
  const tracer = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }).getTracer('test');
  const begin = 1_700_000_000_000;
  const span = (name: string, startMs: number, parent?: Span, attributes: Attributes = {}) => {
    const below = parent ? trace.setSpan(ROOT_CONTEXT, parent) : context.active();
    return tracer.startSpan(name, { startTime: begin + startMs, attributes }, below);
  };
  const caller = span('show the quote', 0);
  const attempt = (number: number, outcome: string, startMs: number) =>
    span('GET', startMs, caller, {
      'hedge.attempt.number': number,
      'hedge.attempt.outcome': outcome,
      'hedge.attempt.winner': outcome === 'won',
      ...(outcome === 'won' && { 'http.response.status_code': 200 }),
    });
  const primary = attempt(0, 'cancelled', 0);
  const hedge = attempt(1, 'won', 10);
  hedge.end(begin + 40);
  primary.setStatus({ code: SpanStatusCode.ERROR });
  primary.end(begin + 40);
  caller.end(begin + 40);
  const traceparent = `00-${hedge.spanContext().traceId}-${hedge.spanContext().spanId}-01`;
  return { spans: exporter.getFinishedSpans(), seen: [{ backend: 2, traceparent }] };
}

describe('trace', () => {
  it('becomes a tree with what hedgerow says of each attempt', () => {
    const { spans, seen } = recorded();
    const built = buildTrace(spans, seen);
    expect(built?.roots).toMatchObject([
      {
        name: 'show the quote',
        startMs: 0,
        durationMs: 40,
        attempt: undefined,
        children: [
          { startMs: 0, error: true, attempt: { number: 0, outcome: 'cancelled', winner: false, status: undefined, backend: undefined } },
          { startMs: 10, durationMs: 30, error: false, attempt: { number: 1, outcome: 'won', winner: true, status: 200, backend: 2 } },
        ],
      },
    ]);
    expect(built && traceDuration(built)).toBe(40);
    expect(buildTrace([])).toBeUndefined();
  });

  it('is drawn with number, outcome, winner, duration, status and the backend that saw it', () => {
    const { spans, seen } = recorded();
    const built = buildTrace(spans, seen);
    // eslint's no-control-regex leaves no shorter way to take the colours out.
    const lines = built ? traceLines(built).map((line) => line.replaceAll(/\p{Cc}\[\d+m/gu, '')) : [];
    expect(lines).toEqual([
      `trace ${String(built?.traceId)}`,
      `show the quote  ${'━'.repeat(28)}   40.0 ms`,
      `├─ GET          ${'━'.repeat(28)}   40.0 ms  attempt 0, the primary · cancelled`,
      `└─ GET          ${' '.repeat(7)}${'━'.repeat(21)}   30.0 ms  attempt 1, a hedge sent after 10.0 ms · won, the winner · status 200 · backend 2`,
    ]);
  });
});
