import { kaplanMeier, samplesNeeded, type SurvivalCurve } from '@hedgerow/core/policy';
import { predictionInterval, quantileInterval, type Interval } from './confidence.js';
import { orderOf, type Order } from './order.js';
import { defaultPolicy, goalPolicy, insistentPolicy, LOADS, NO_HEDGING, predict, quantilePolicy, type Policy, type Prediction } from './predict.js';
import type { Input } from './read/read.js';
import { remarksOn, type Remark } from './remarks.js';
import { QUANTILES } from '../demo/percentiles.js';

/** A quantile as it was measured. */
export interface Known {
  readonly quantile: number;
  /** `undefined` if there are too few samples for it. */
  readonly ms: number | undefined;
  readonly interval: Interval;
}

/** All that is to be said about some latencies. */
export interface Advice {
  readonly curve: SurvivalCurve;
  readonly known: readonly Known[];
  readonly unhedged: Prediction;
  /** `undefined` if too little is known even for the default delay. */
  readonly byDefault: Prediction | undefined;
  /** For p99 under the default options. */
  readonly defaultInterval: Interval | undefined;
  /** By extra load; each the quantile rule first, then goal seeking. */
  readonly alternatives: readonly Prediction[];
  /** What to paste; `undefined` for not hedging. */
  readonly recommended: Prediction | undefined;
  readonly order: Order;
  readonly remarks: readonly Remark[];
}

/** Of what the default options save of p99 and of p99.9, a cheaper setting must save this share to be recommended instead. */
const AS_GOOD = 0.8;

/** Works out everything from the counts; no effects. */
export function adviseOn(input: Input, seed: number): Advice {
  const { latencies, gridMs } = input;
  const curve = kaplanMeier(latencies.histogram);
  const predicted = (policy: Policy | undefined): Prediction[] => (policy ? [predict(policy, curve, QUANTILES)] : []);
  const unhedged = trusted(predict(NO_HEDGING, curve, QUANTILES), latencies.count);
  const [byDefault] = predicted(defaultPolicy(curve));
  const [insistent] = predicted(insistentPolicy(curve));
  const alternatives = LOADS.flatMap((load) => [quantilePolicy(curve, load), goalPolicy(curve, load)]).flatMap(predicted);
  const order = orderOf(latencies);
  const remarks = remarksOn({ input, curve, unhedged, byDefault, insistent, order });
  return {
    curve,
    known: QUANTILES.map((quantile, index) => ({
      quantile,
      ms: unhedged.quantilesMs[index],
      interval: quantileInterval(curve, latencies.count, quantile, gridMs),
    })),
    unhedged,
    byDefault,
    defaultInterval: byDefault && predictionInterval(latencies.histogram, seed),
    alternatives,
    recommended: remarks.some(({ kind }) => kind === 'against' || kind === 'unknown') ? undefined : cheapestAsGood(unhedged, byDefault, alternatives),
    order,
    remarks,
  };
}

/** Leaves out what there are too few samples for; the curve itself draws that line only to a bucket. */
function trusted(prediction: Prediction, samples: number): Prediction {
  const quantilesMs = prediction.quantilesMs.map((ms, index) => (samples >= samplesNeeded(QUANTILES[index] ?? 1) ? ms : undefined));
  return { ...prediction, quantilesMs };
}

/** p99 in milliseconds. */
export function p99Of({ quantilesMs }: Prediction): number | undefined {
  return quantilesMs[QUANTILES.indexOf(0.99)];
}

function cheapestAsGood(unhedged: Prediction, byDefault: Prediction | undefined, alternatives: readonly Prediction[]): Prediction | undefined {
  if (byDefault === undefined || p99Of(byDefault) === undefined) return undefined;
  const isAsGood = ({ quantilesMs }: Prediction): boolean =>
    [0.99, 0.999].map((quantile) => QUANTILES.findIndex((other) => other === quantile)).every((index) => {
      const [before, after, reached] = [unhedged, byDefault, { quantilesMs }].map((row) => row.quantilesMs[index]);
      if (before === undefined || after === undefined) return true;
      return reached !== undefined && before - reached >= AS_GOOD * (before - after);
    });
  return alternatives.find((prediction) => prediction.extraLoad < byDefault.extraLoad && isAsGood(prediction)) ?? byDefault;
}
