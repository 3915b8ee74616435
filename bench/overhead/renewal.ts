import { exponentialTime, lognormalTime, type ServiceTime } from 'hedgerow';
import { seededRandom } from '#cli/simulate/random.js';
import { Trigger } from '#core/harm/worth.js';
import { kaplanMeier, type BucketCounts } from '#core/latency/kaplan-meier.js';
import { LatencyWindow } from '#core/latency/window.js';
import { Spare } from '#core/spare/spare.js';
import { mainAlone, type Setting } from '../support/benchmark.js';
import { atMost, formatRatio, type Outcome } from '../support/outcome.js';
import { tableOf } from '../support/table.js';

type Sizes = 'renewals';

const ROUTES = [1, 3, 100, 10_000] as const;
const SERVICES: readonly ServiceTime[] = [lognormalTime({ sdMs: 0.5, stragglers: 0 }), lognormalTime(), exponentialTime(50)];
const SAMPLES = 5_000;
const FRESH = 250;
/** More routes may cost what the processor's caches cost, but no more work. */
const MOST_GROWTH = 3;

interface Row {
  readonly routes: number;
  /** Per renewal, in microseconds: the curve and the trigger; and what sharing adds. */
  readonly aloneUs: number;
  readonly sharingUs: number;
}

await mainAlone<Sizes>({
  name: 'renewal',
  description: 'What a renewal of a route’s estimates takes, off the path of requests: with a trigger alone, and where routes share what others leave.',
  isPublished: false,
  sizes: { renewals: { what: 'renewals per row', full: 40_000, quick: 4_000 } },
  run: (setting) => Promise.resolve(measure(setting)),
});

function measure({ sizes, seed }: Setting<Sizes>): Outcome {
  const counts = SERVICES.map((service, index) => countsOf(service, seed, index));
  const rows: Row[] = ROUTES.map((routes) => {
    time(routes, counts, new Spare(), sizes.renewals); // compiled, and all routes known
    const aloneUs = time(routes, counts, undefined, sizes.renewals);
    return { routes, aloneUs, sharingUs: time(routes, counts, new Spare(), sizes.renewals) - aloneUs };
  });
  const [, few, , many] = rows;
  return {
    table: tableOf(rows, {
      'routes of the origin': ({ routes }) => String(routes),
      'estimate and trigger, µs': ({ aloneUs }) => aloneUs.toFixed(1),
      'sharing, µs more': ({ sharingUs }) => sharingUs.toFixed(1),
    }),
    notes: [`Per renewal, which comes after ${FRESH} calls of a route or a second. A third of the routes have no tail, a third are like the reference workload, a third are exponential.`],
    checks: [atMost('sharing with 10,000 routes / with 3', (many?.sharingUs ?? NaN) / (few?.sharingUs ?? NaN), MOST_GROWTH, formatRatio)],
    records: rows.map((row) => ({ ...row })),
  };
}

function countsOf({ draw }: ServiceTime, seed: number, stream: number): BucketCounts {
  const random = seededRandom(seed, stream);
  const window = new LatencyWindow(60_000, 6);
  for (let sample = 0; sample < SAMPLES; sample++) window.record(draw(random), false, 0);
  return window.counts(0);
}

/** Microseconds per renewal. */
function time(routes: number, counts: readonly BucketCounts[], spare: Spare | undefined, renewals: number): number {
  const rule = { name: 'default', quantile: 0.91, minMs: 1, maxMs: Infinity, worth: 0.2, isOpen: true };
  const triggers = Array.from({ length: routes }, () => new Trigger(rule, undefined, spare));
  const startedAtMs = performance.now();
  for (let renewal = 0; renewal < renewals; renewal++) {
    const index = renewal % routes;
    const known = counts[index % counts.length];
    if (known === undefined) continue;
    const curve = kaplanMeier(known);
    const trigger = triggers[index];
    trigger?.renew(curve, curve.quantile(rule.quantile) ?? NaN, FRESH);
    trigger?.share(curve, FRESH, (1_000 * renewal) / routes);
  }
  return (1_000 * (performance.now() - startedAtMs)) / renewals;
}
