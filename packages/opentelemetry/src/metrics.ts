import { metrics as api, type MeterProvider } from '@opentelemetry/api';
import type { AttemptView, CallEnd, HedgeInfo, HedgeRequest, SuppressionReason } from '@hedgerow/core';
import { Cache } from './cache.js';
import { attemptErrorType, callErrorType } from './error-type.js';
import type { Reported } from './gauges.js';
import { instrumentsOf, type Instruments } from './instruments.js';
import { attemptType, metricAttributes, type MetricAttributes } from './metric-attributes.js';
import type { ResolvedTelemetry } from './options.js';
import { attr } from './semconv.js';
import { originOf, serverAttributes } from './url.js';

/** Records the metrics of one Hedger. */
export class Metrics {
  readonly #options: ResolvedTelemetry;
  readonly #reported: Reported;
  readonly #attributes: (request: HedgeRequest) => MetricAttributes;
  #provider: MeterProvider | undefined;
  #instruments: Instruments | undefined;

  constructor(options: ResolvedTelemetry, reported: Reported) {
    this.#options = options;
    this.#reported = reported;
    const common = options.name === undefined ? {} : { [attr.name]: options.name };
    if (options.serverAddressOnMetrics) {
      const byOrigin = new Cache((origin) => metricAttributes({ ...common, ...serverAttributes(origin) }));
      this.#attributes = ({ url }) => byOrigin.get(originOf(url));
    } else {
      const all = metricAttributes(common);
      this.#attributes = () => all;
    }
  }

  /** A call begins; `undefined` when nothing records it. */
  begin(request: HedgeRequest): CallMetrics | undefined {
    const instruments = this.#current();
    return instruments && new CallMetrics(instruments, this.#attributes(request));
  }

  /** A call that went past the Hedger counts as one request and one primary, so that the attempts add up to what servers count. */
  bypass(request: HedgeRequest): void {
    const instruments = this.#current();
    if (!instruments) return;
    const attributes = this.#attributes(request);
    instruments.requests.add(1, attributes.call);
    instruments.attempts.add(1, attributes.attempt.primary);
  }

  /** Meters, unlike tracers, do not proxy: the provider may be registered, or replaced, at any time. */
  #current(): Instruments | undefined {
    const provider = this.#options.meterProvider ?? api.getMeterProvider();
    if (provider === this.#provider) return this.#instruments;
    this.#instruments?.gauges.remove(this.#reported);
    this.#provider = provider;
    this.#instruments = instrumentsOf(provider);
    this.#instruments?.gauges.add(this.#reported);
    return this.#instruments;
  }
}

/** Records the metrics of one call. */
export class CallMetrics {
  readonly #to: Instruments;
  readonly #attributes: MetricAttributes;

  constructor(instruments: Instruments, attributes: MetricAttributes) {
    this.#to = instruments;
    this.#attributes = attributes;
    instruments.requests.add(1, attributes.call);
  }

  attempt({ isHedge }: AttemptView): void {
    const attributes = this.#attributes.attempt[attemptType(isHedge)];
    this.#to.attempts.add(1, attributes);
    this.#to.active.add(1, attributes);
  }

  attemptEnd(view: AttemptView): void {
    const type = attemptType(view.isHedge);
    this.#to.active.add(-1, this.#attributes.attempt[type]);
    if (view.durationMs === undefined || view.outcome === undefined) return;
    const attributes = this.#attributes.outcome[type][view.outcome];
    const failure = attemptErrorType(view);
    this.#to.attemptDuration.record(view.durationMs / 1000, failure === undefined ? attributes : { ...attributes, [attr.errorType]: failure });
  }

  suppress(reason: SuppressionReason): void {
    this.#to.suppressions.add(1, { ...this.#attributes.call, [attr.suppressionReason]: reason });
  }

  end(info: HedgeInfo, end: CallEnd): void {
    const attributes = info.winner === undefined ? this.#attributes.call : this.#attributes.winner[attemptType(info.isHedge)];
    const failure = callErrorType(end);
    this.#to.requestDuration.record(info.durationMs / 1000, failure === undefined ? attributes : { ...attributes, [attr.errorType]: failure });
    if (info.attempts > 1) this.#to.hedges.record(info.attempts - 1, this.#attributes.call);
  }
}
