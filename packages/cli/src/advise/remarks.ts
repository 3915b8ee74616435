import { samplesNeeded, type SurvivalCurve } from '@hedgerow/core/policy';
import { formatCount, formatShare } from '../demo/format.js';
import { QUANTILES } from '../demo/percentiles.js';
import { formatMs } from './format.js';
import { boundMs, total } from './histogram.js';
import type { Order } from './order.js';
import { correlated, quantileWith, type Prediction } from './predict.js';
import type { Input } from './read/read.js';

/** `against`: do not hedge, as far as these data say. `unknown`: they do not say. `careful`: what they cast doubt on. `mind`: what they cannot show. */
export interface Remark {
  readonly kind: 'against' | 'unknown' | 'careful' | 'mind';
  readonly title: string;
  readonly text: string;
}

/** What remarks are made of. */
export interface Findings {
  readonly input: Input;
  readonly curve: SurvivalCurve;
  readonly unhedged: Prediction;
  readonly byDefault: Prediction | undefined;
  /** Whatever is late is hedged, worth it or not. */
  readonly insistent: Prediction | undefined;
  readonly order: Order;
}

/** A p99 that falls by less is not worth the load. */
const LEAST_GAIN = 0.1;
/** Neighbours alike by this much, and by so much that hedging is hopeless. */
const SOME_CORRELATION = 0.2;
const HOPELESS_CORRELATION = 0.8;
/** Stretches whose share of slow latencies differs by this factor. */
const UNEVEN = 2;
/** This share of all latencies in the last few buckets looks like a timeout, if it is so many times what buckets before them hold. */
const CUT_SHARE = 0.002;
const CUT_WIDTH = 3;
const CUT_FACTOR = 3;
/** Fewer say nothing of it. */
const LEAST_FOR_CUT = 1_000;
/** Node's timers know whole milliseconds. */
const COARSE_DELAY_MS = 2;
/** Calls in the minute that hedgerow learns from, for a service that is not very busy; 90 % of such minutes are considered. */
const CALLS_LEARNT_FROM = 1_000;
const SPREAD = 1.64;
/** A delay that wanders by this factor changes what it gives. */
const WANDERING = 1.5;
/** The default budget: more is refused. */
const MOST_LOAD = 0.1;
const P99 = QUANTILES.indexOf(0.99);

export function remarksOn(findings: Findings): Remark[] {
  return [tooFew, lightTail, neighbours, uneven, cutOff, coarseGrid, shortDelay, besideGap, unmeasured].flatMap((rule) => rule(findings) ?? []);
}

function tooFew({ input, byDefault, unhedged }: Findings): Remark | undefined {
  const { count } = input.latencies;
  const unknown = QUANTILES.filter((_, index) => unhedged.quantilesMs[index] === undefined);
  const [first] = unknown;
  if (first === undefined) return undefined;
  const names = unknown.map((quantile) => `p${Number((quantile * 100).toFixed(6))}`).join(', ');
  const needed = samplesNeeded(first);
  if (count >= needed) {
    return {
      kind: 'careful',
      title: `Not known: ${names}`,
      text: 'The input’s last bucket has no upper bound, and these lie in it. Add larger buckets to the histogram.',
    };
  }
  const isHopeless = byDefault === undefined || first <= 0.99;
  return {
    kind: isHopeless ? 'unknown' : 'careful',
    title: 'Too few samples',
    text:
      `A quantile p needs 10 / (1 − p) samples to be trusted, p${first * 100} ${formatCount(needed)}; there are ${formatCount(count)}. ` +
      `${names} cannot be told${isHopeless ? ', and neither can what hedging would do to the tail: collect more' : ''}.`,
  };
}

function lightTail({ byDefault, insistent, unhedged }: Findings): Remark | undefined {
  const before = unhedged.quantilesMs[P99];
  const after = insistent?.quantilesMs[P99];
  const median = unhedged.quantilesMs[0];
  if (before === undefined || after === undefined || median === undefined || after <= (1 - LEAST_GAIN) * before) return undefined;
  return {
    kind: 'against',
    title: 'The tail is light',
    text:
      `p99 is only ${(before / median).toFixed(1)} times the median. Even if copies are independent, hedging what is late would take it from ` +
      `${formatMs(before)} to ${formatMs(after)} ms, for ${formatShare(insistent?.extraLoad ?? 0)} more requests. That is not worth it` +
      (byDefault?.extraLoad === 0 ? ', and by default hedgerow would send none (`no_gain`).' : '.'),
  };
}

function neighbours({ byDefault, curve, order }: Findings): Remark | undefined {
  const correlation = order.neighbourCorrelation;
  if (correlation === undefined || correlation < SOME_CORRELATION || byDefault === undefined) return undefined;
  const ms = quantileWith(correlated(byDefault.hedges, correlation), curve, 0.99);
  const isHopeless = correlation >= HOPELESS_CORRELATION;
  return {
    kind: isHopeless ? 'against' : 'careful',
    title: 'Slowness comes in clusters',
    text:
      `In the order of the input, a slow request makes the next one slow in ${formatShare(correlation)} of the cases where chance would not. ` +
      `If a copy shares its primary’s fate as often, p99 would be ${ms === undefined ? 'unknown' : `${formatMs(ms)} ms`} with the default options. ` +
      (isHopeless ? 'The service as a whole is slow at times: a copy meets the same. ' : '') +
      'Confidence intervals assume independent samples; here they are too narrow.',
  };
}

function uneven({ order }: Findings): Remark | undefined {
  const { unevenness } = order;
  if (unevenness === undefined || unevenness.most < UNEVEN * unevenness.least) return undefined;
  return {
    kind: 'careful',
    title: 'The input changes from beginning to end',
    text:
      `In some stretches ${formatShare(unevenness.least)} of the requests are slower than the p90 of all, in others ${formatShare(unevenness.most)}. ` +
      'Predictions are for all of it together, while hedgerow learns from the last minute and follows such changes. Where they come from load, a hedge adds to it.',
  };
}

function cutOff({ input }: Findings): Remark | undefined {
  const { count, histogram } = input.latencies;
  if (input.gridMs !== undefined || count < LEAST_FOR_CUT) return undefined;
  const last = histogram.events.findLastIndex((events) => events > 0);
  const shareOf = (from: number, to: number): number => total(histogram.events.subarray(Math.max(0, from), Math.max(0, to))) / count;
  const share = shareOf(last + 1 - CUT_WIDTH, last + 1);
  const before = shareOf(last + 1 - 4 * CUT_WIDTH, last + 1 - CUT_WIDTH) / 3;
  if (share < CUT_SHARE || share < CUT_FACTOR * before) return undefined;
  return {
    kind: 'careful',
    title: 'This looks like a timeout',
    text:
      `${formatShare(share)} of all latencies lie at ${formatMs(boundMs(last))} ms, the largest there is. If requests were given up then, their ` +
      'true latencies are longer and not known.',
  };
}

function coarseGrid({ input, unhedged }: Findings): Remark | undefined {
  const { gridMs } = input;
  const p99 = unhedged.quantilesMs[P99];
  if (gridMs === undefined || p99 === undefined) return undefined;
  const from = gridMs.findLast((bound) => bound < p99) ?? 0;
  const to = gridMs.find((bound) => bound >= p99);
  return {
    kind: 'careful',
    title: 'A histogram knows only its buckets',
    text:
      `p99 lies somewhere from ${formatMs(from)} to ${to === undefined || to === Infinity ? 'infinity' : `${formatMs(to)} ms`}; within a bucket latencies were taken ` +
      'as evenly spread. All figures below are as coarse as that. Single latencies, from a log, tell more.',
  };
}

function shortDelay({ byDefault }: Findings): Remark | undefined {
  const delayMs = byDefault?.hedges[0]?.delayMs;
  if (delayMs === undefined || delayMs >= COARSE_DELAY_MS) return undefined;
  return {
    kind: 'careful',
    title: 'The delay is shorter than timers are exact',
    text:
      `The default options would hedge after ${delayMs.toFixed(2)} ms. Node’s timers know whole milliseconds and a busy event loop is later than that, ` +
      'so that less would be gained than predicted.',
  };
}

/** Where few latencies lie, a small sample's quantile may be far from that of all. */
function besideGap({ byDefault, curve }: Findings): Remark | undefined {
  const load = byDefault?.extraLoad;
  if (load === undefined || load <= 0) return undefined;
  const margin = SPREAD * Math.sqrt((load * (1 - load)) / CALLS_LEARNT_FROM);
  const [leastMs, mostMs] = [curve.quantile(1 - load - margin), curve.quantile(1 - load + margin)];
  if (leastMs === undefined || mostMs === undefined || mostMs < WANDERING * leastMs) return undefined;
  const maxMs = Math.ceil(WANDERING ** 0.5 * leastMs);
  const bounded = curve.runningAt(maxMs);
  return {
    kind: 'careful',
    title: 'The delay lies beside a gap',
    text:
      `Few latencies lie between ${formatMs(leastMs)} and ${formatMs(mostMs)} ms, where the default delay does. hedgerow learns it from the last minute: with ` +
      `${formatCount(CALLS_LEARNT_FROM)} calls in it, the delay may be anywhere between, and p99 be far from the prediction.` +
      (bounded <= MOST_LOAD ? ` { delay: { maxMs: ${maxMs} } } holds it at the lower end, for ${formatShare(bounded)} more requests.` : ''),
  };
}

function unmeasured(): Remark[] {
  return [
    {
      kind: 'mind',
      title: 'Copies must be independent',
      text:
        'Latencies do not show whether a second copy would have been faster. With sticky sessions, one backend, one slow database, or requests that are slow ' +
        'by nature, it is not. Look at one route at a time: a mixture of cheap and dear requests looks like a heavy tail.',
    },
    {
      kind: 'mind',
      title: 'Servers need room',
      text:
        'Where aborted work runs on, load × (1 + extra load) must stay well below what the servers can do. Above some 70 % load use a ratio of 0.02 or do not hedge.',
    },
    {
      kind: 'mind',
      title: 'How the latencies were measured',
      text:
        'They must be of single attempts. If retries, hedging or a timeout were active, the tail was cut off or summed up, and the prediction is biased.',
    },
  ];
}
