import type {
  AttemptScope,
  AttemptView,
  CallEnd,
  CallObserver,
  CallView,
  Hedger,
  HedgeInfo,
  HedgeObserver,
  HedgeRequest,
  SuppressionReason,
} from '@hedgerow/core';
import { Metrics, type CallMetrics } from './metrics.js';
import { resolveTelemetry, type ResolvedTelemetry, type TelemetryOptions } from './options.js';
import { owned } from './owned.js';
import { Spans, type CallSpans } from './spans.js';

/**
 * Emits OpenTelemetry spans and metrics for every call of a Hedger. Without an SDK it costs next to nothing.
 * Several adapters may share a Hedger: the first call for it counts, later ones change nothing.
 *
 * @throws TypeError that names the option, what was expected and what came.
 */
export function instrumentHedger(hedger: Hedger, options: TelemetryOptions = {}): void {
  const resolved = resolveTelemetry(options);
  if (!resolved.spans && !resolved.metrics) return;
  owned(hedger, 'telemetry', () => {
    const telemetry = new Telemetry(hedger, resolved);
    hedger.observe(telemetry);
    return telemetry;
  });
}

class Telemetry implements HedgeObserver {
  readonly #spans: Spans | undefined;
  readonly #metrics: Metrics | undefined;

  constructor(hedger: Hedger, options: ResolvedTelemetry) {
    const { spans, metrics, name, delayPerKey, tracerProvider } = options;
    this.#spans = spans ? new Spans(spans, tracerProvider) : undefined;
    this.#metrics = metrics ? new Metrics(options, { hedger: new WeakRef(hedger), name, delayPerKey }) : undefined;
  }

  onCall(call: CallView): CallObserver | undefined {
    const spans = this.#spans?.begin(call);
    const metrics = this.#metrics?.begin(call.request);
    return spans || metrics ? new CallTelemetry(spans, metrics) : undefined;
  }

  onBypass(request: HedgeRequest): void {
    this.#metrics?.bypass(request);
  }
}

class CallTelemetry implements CallObserver {
  readonly #spans: CallSpans | undefined;
  readonly #metrics: CallMetrics | undefined;

  constructor(spans: CallSpans | undefined, metrics: CallMetrics | undefined) {
    this.#spans = spans;
    this.#metrics = metrics;
  }

  onAttempt(view: AttemptView): AttemptScope | undefined {
    this.#metrics?.attempt(view);
    return this.#spans?.attempt(view);
  }

  onAttemptEnd(view: AttemptView): void {
    this.#metrics?.attemptEnd(view);
    this.#spans?.attemptEnd(view);
  }

  onSuppressed(reason: SuppressionReason): void {
    this.#metrics?.suppress(reason);
    this.#spans?.suppress(reason);
  }

  onEnd(info: HedgeInfo, end: CallEnd): void {
    this.#metrics?.end(info, end);
    this.#spans?.end(info, end);
  }
}
