import type {
  AnyHedger,
  AttemptScope,
  AttemptView,
  CallEnd,
  CallObserver,
  CallView,
  Hedger,
  HedgeInfo,
  HedgeObserver,
  HedgeRequest,
  IneligibleReason,
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
export function instrumentHedger(hedger: AnyHedger, options: TelemetryOptions = {}): void {
  const resolved = resolveTelemetry(options);
  if (!resolved.spans && !resolved.metrics) return;
  owned(hedger, 'telemetry', () => {
    const telemetry = new Telemetry(hedger as Hedger, resolved);
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
    let spans: CallSpans | undefined;
    let failure: Failure | undefined;
    try {
      spans = this.#spans?.begin(call);
    } catch (error) {
      failure = { error };
    }
    try {
      const metrics = this.#metrics?.begin(call.request);
      if (spans || metrics) return new CallTelemetry(spans, metrics, failure);
    } catch (error) {
      if (spans) return new CallTelemetry(spans, undefined, { error });
      failure = { error };
    }
    if (failure) throw failure.error;
    return undefined;
  }

  onBypass(request: HedgeRequest, reason: IneligibleReason): void {
    this.#metrics?.bypass(request, reason);
  }
}

/** What an SDK threw. */
interface Failure {
  readonly error: unknown;
}

/**
 * Tells spans and metrics of one call. SDKs may throw whatever they are asked: then the others are told all the same, spans are ended,
 * and the Hedger, to which it is thrown in the end, says so once.
 */
class CallTelemetry implements CallObserver {
  readonly #spans: CallSpans | undefined;
  readonly #metrics: CallMetrics | undefined;
  #failure: Failure | undefined;

  constructor(spans: CallSpans | undefined, metrics: CallMetrics | undefined, failure: Failure | undefined) {
    this.#spans = spans;
    this.#metrics = metrics;
    this.#failure = failure;
  }

  onAttempt(view: AttemptView): AttemptScope | undefined {
    // The attempt needs what the spans say, so this is thrown later.
    try {
      this.#metrics?.attempt(view);
    } catch (error) {
      this.#failure ??= { error };
    }
    return this.#spans?.attempt(view);
  }

  onAttemptEnd(view: AttemptView): void {
    try {
      this.#metrics?.attemptEnd(view);
    } finally {
      this.#spans?.attemptEnd(view);
    }
  }

  onSuppressed(reason: SuppressionReason): void {
    try {
      this.#metrics?.suppress(reason);
    } finally {
      this.#spans?.suppress(reason);
    }
  }

  onEnd(info: HedgeInfo, end: CallEnd): void {
    try {
      this.#metrics?.end(info, end);
    } finally {
      this.#spans?.end(info, end);
    }
    if (this.#failure) throw this.#failure.error;
  }
}
