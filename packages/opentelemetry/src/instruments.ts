import { createNoopMeter, type Counter, type Histogram, type Meter, type MeterProvider } from '@opentelemetry/api';
import { Counts } from './counts.js';
import { Gauges } from './gauges.js';
import { owned } from './owned.js';
import { passOn } from './pass-on.js';
import { Records } from './records.js';
import { SCOPE_NAME, SCOPE_VERSION } from './semconv.js';

/** Everything that is recorded with one MeterProvider. */
export interface Instruments {
  readonly suppressions: Counter;
  readonly requestDuration: Histogram;
  readonly attemptDuration: Histogram;
  readonly hedges: Histogram;
  /** What goes to the histograms goes through here. */
  readonly records: Records;
  readonly counts: Counts;
  readonly gauges: Gauges;
}

/** The instruments of a provider, one set for all Hedgers; `undefined` if the provider is a no-op. */
export function instrumentsOf(provider: MeterProvider): Instruments | undefined {
  const meter = provider.getMeter(SCOPE_NAME, SCOPE_VERSION);
  return meter === createNoopMeter() ? undefined : owned(provider, 'instruments', () => createInstruments(meter));
}

/** The buckets that the HTTP conventions advise, in seconds. */
const DURATION = {
  unit: 's',
  advice: { explicitBucketBoundaries: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10] },
};

function createInstruments(meter: Meter): Instruments {
  const counts = new Counts(meter);
  const records = new Records();
  const gauges = new Gauges(meter);
  meter.addBatchObservableCallback((result) => {
    passOn([() => counts.flush(), () => records.flush(), () => gauges.observe(result)], (step) => step());
  }, gauges.instruments);
  return {
    suppressions: meter.createCounter('hedge.suppressions', {
      description: 'Hedges that were due and were not sent, by reason.',
      unit: '{suppression}',
    }),
    requestDuration: meter.createHistogram('hedge.request.duration', {
      description: 'Time from the start of a call to its settlement.',
      ...DURATION,
    }),
    attemptDuration: meter.createHistogram('hedge.attempt.duration', {
      description: 'Time from the start of an attempt to its end.',
      ...DURATION,
    }),
    hedges: meter.createHistogram('hedge.request.hedges', {
      description: 'Hedges per hedged call.',
      unit: '{hedge}',
      advice: { explicitBucketBoundaries: [1, 2, 3, 4, 5] },
    }),
    records,
    counts,
    gauges,
  };
}
