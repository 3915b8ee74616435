import { metrics as api, type Attributes, type MeterProvider } from '@opentelemetry/api';
import type { AttemptView, CallEnd, HedgeInfo, HedgeRequest, IneligibleReason, SuppressionReason } from '@hedgerow/core';
import { Cache } from './cache.js';
import type { Series } from './counts.js';
import { attemptErrorType, callErrorType } from './error-type.js';
import type { Reported } from './gauges.js';
import { instrumentsOf, type Instruments } from './instruments.js';
import { attemptType, metricAttributes } from './metric-attributes.js';
import type { ResolvedTelemetry } from './options.js';
import { attr } from './semconv.js';
import { originOf, serverOf } from './url.js';

/** Records the metrics of one Hedger. */
export class Metrics {
  readonly #options: ResolvedTelemetry;
  readonly #reported: Reported;
  #provider: MeterProvider | undefined;
  #recorder: Recorder | undefined;

  constructor(options: ResolvedTelemetry, reported: Reported) {
    this.#options = options;
    this.#reported = reported;
  }

  /** A call begins; `undefined` when nothing records it. */
  begin(request: HedgeRequest): CallMetrics | undefined {
    const recorder = this.#current();
    return recorder && new CallMetrics(recorder.instruments, recorder.seriesOf(request), request);
  }

  /** A call that went past the Hedger counts as one request and one primary, so that the attempts add up to what servers count. */
  bypass(request: HedgeRequest, reason: IneligibleReason): void {
    this.#current()?.seriesOf(request).bypass(reason);
  }

  /** Meters, unlike tracers, do not proxy: the provider may be registered, or replaced, at any time. */
  #current(): Recorder | undefined {
    const provider = this.#options.meterProvider ?? api.getMeterProvider();
    if (provider === this.#provider) return this.#recorder;
    this.#recorder?.instruments.gauges.remove(this.#reported);
    // A provider that throws now is not asked again.
    this.#recorder = undefined;
    this.#provider = provider;
    const instruments = instrumentsOf(provider);
    instruments?.gauges.add(this.#reported);
    this.#recorder = instruments && { instruments, seriesOf: seriesFor(instruments, this.#options) };
    return this.#recorder;
  }
}

/** Where one Hedger records with one MeterProvider. */
interface Recorder {
  readonly instruments: Instruments;
  readonly seriesOf: (request: HedgeRequest) => Series;
}

function seriesFor({ counts }: Instruments, { name, serverAddressOnMetrics, keyOnMetrics }: ResolvedTelemetry): Recorder['seriesOf'] {
  const common = name === undefined ? {} : { [attr.name]: name };
  const having = (more: Attributes): Series => counts.series(metricAttributes({ ...common, ...more }));
  const all = having({});
  const byOrigin = serverAddressOnMetrics ? new Cache((origin) => having(serverAttributes(origin))) : undefined;
  const byKey = keyOnMetrics ? new Cache((key) => having({ [attr.key]: key })) : undefined;
  return ({ url, key }) => (key === undefined ? byOrigin?.get(originOf(url)) : byKey?.get(key)) ?? all;
}

function serverAttributes(origin: string): Attributes {
  const { address, port } = serverOf(origin);
  return {
    ...(address === undefined ? {} : { [attr.serverAddress]: address }),
    ...(port === undefined ? {} : { [attr.serverPort]: port }),
  };
}

/** Records the metrics of one call. */
export class CallMetrics {
  readonly #to: Instruments;
  readonly #series: Series;
  readonly #request: HedgeRequest;

  constructor(instruments: Instruments, series: Series, request: HedgeRequest) {
    this.#to = instruments;
    this.#series = series;
    this.#request = request;
    series.request();
  }

  attempt({ isHedge }: AttemptView): void {
    this.#series.attempt(attemptType(isHedge));
  }

  attemptEnd(view: AttemptView): void {
    const type = attemptType(view.isHedge);
    this.#series.attemptEnd(type);
    if (view.durationMs === undefined || view.outcome === undefined) return;
    const attributes = this.#series.attributes.outcome[type][view.outcome];
    this.#to.records.add(this.#to.attemptDuration, view.durationMs / 1000, withError(attributes, attemptErrorType(view, this.#request)));
  }

  suppress(reason: SuppressionReason): void {
    this.#to.suppressions.add(1, { ...this.#series.attributes.call, [attr.suppressionReason]: reason });
  }

  end(info: HedgeInfo, end: CallEnd): void {
    const { call, winner } = this.#series.attributes;
    const attributes = info.winner === undefined ? call : winner[attemptType(info.isHedge)];
    this.#to.records.add(this.#to.requestDuration, info.durationMs / 1000, withError(attributes, callErrorType(end, this.#request)));
    if (info.attempts > 1) this.#to.records.add(this.#to.hedges, info.attempts - 1, call);
  }
}

function withError(attributes: Attributes, type: string | undefined): Attributes {
  return type === undefined ? attributes : { ...attributes, [attr.errorType]: type };
}
