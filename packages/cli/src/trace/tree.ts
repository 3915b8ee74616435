import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { SpanStatusCode } from '@opentelemetry/api';
import type { SeenTraceparent } from '../cluster/types.js';

/** A trace as a tree. */
export interface Trace {
  readonly traceId: string;
  /** Spans without a parent in this trace. */
  readonly roots: readonly SpanNode[];
}

/** A span and the spans below it, all times in milliseconds. */
export interface SpanNode {
  readonly name: string;
  /** Since the first span of the trace began. */
  readonly startMs: number;
  readonly durationMs: number;
  readonly error: boolean;
  /** What hedgerow says of an attempt; `undefined` for any other span. */
  readonly attempt: AttemptFacts | undefined;
  readonly children: readonly SpanNode[];
}

export interface AttemptFacts {
  /** 0 is the primary. */
  readonly number: number;
  readonly outcome: string;
  readonly winner: boolean;
  /** Status of HTTP or gRPC, if an answer came. */
  readonly status: number | undefined;
  /** The backend that saw this attempt's own `traceparent`. */
  readonly backend: number | undefined;
}

/** Builds the tree of one trace from its finished spans, children in order of their start. */
export function buildTrace(spans: readonly ReadableSpan[], seen: readonly SeenTraceparent[] = []): Trace | undefined {
  const [first, ...rest] = [...spans].sort((a, b) => startOf(a) - startOf(b));
  if (!first) return undefined;
  const all = [first, ...rest];
  const ids = new Set(all.map((span) => span.spanContext().spanId));
  const backends = new Map(seen.map(({ backend, traceparent }) => [traceparent.split('-')[2], backend]));
  const node = (span: ReadableSpan): SpanNode => {
    const { spanId } = span.spanContext();
    return {
      name: span.name,
      startMs: startOf(span) - startOf(first),
      durationMs: milliseconds(span.duration),
      error: span.status.code === SpanStatusCode.ERROR,
      attempt: attemptFacts(span, backends.get(spanId)),
      children: all.filter((child) => child.parentSpanContext?.spanId === spanId).map(node),
    };
  };
  const isRoot = (span: ReadableSpan) => !ids.has(span.parentSpanContext?.spanId ?? '');
  return { traceId: first.spanContext().traceId, roots: all.filter(isRoot).map(node) };
}

/** The whole duration of a trace, in milliseconds. */
export function traceDuration(trace: Trace): number {
  const end = (node: SpanNode): number => Math.max(node.startMs + node.durationMs, ...node.children.map(end));
  return Math.max(...trace.roots.map(end));
}

function attemptFacts(span: ReadableSpan, backend: number | undefined): AttemptFacts | undefined {
  const { attributes } = span;
  const number = attributes['hedge.attempt.number'];
  if (typeof number !== 'number') return undefined;
  const outcome = attributes['hedge.attempt.outcome'];
  const status = attributes['http.response.status_code'] ?? attributes['rpc.grpc.status_code'];
  return {
    number,
    outcome: typeof outcome === 'string' ? outcome : 'unknown',
    winner: attributes['hedge.attempt.winner'] === true,
    status: typeof status === 'number' ? status : undefined,
    backend,
  };
}

function startOf(span: ReadableSpan): number {
  return milliseconds(span.startTime);
}

function milliseconds([seconds, nanoseconds]: readonly [number, number]): number {
  return seconds * 1e3 + nanoseconds / 1e6;
}
