/** One side of a comparison: does `count` operations. */
export type Side = (count: number) => Promise<void>;

/** What a comparison gave. */
export interface Comparison {
  /** Median time per operation of each side, in microseconds. */
  readonly baselineUs: number;
  readonly candidateUs: number;
  /** Median over the rounds of candidate time / baseline time. */
  readonly ratio: number;
}

/**
 * Times two sides in turns, many short rounds of each, so that whatever else the machine does hits both alike. Each round
 * gives one ratio of neighbours; the median of those is the result.
 */
export async function compare(baseline: Side, candidate: Side, rounds: number, count: number, tick: () => void, nowUs: () => number = wallUs): Promise<Comparison> {
  const time = async (side: Side): Promise<number> => {
    const start = nowUs();
    await side(count);
    return (nowUs() - start) / count;
  };
  await baseline(count);
  await candidate(count);
  const samples: { baselineUs: number; candidateUs: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    // Neither side is always the first of its pair.
    if (round % 2 === 0) {
      const baselineUs = await time(baseline);
      samples.push({ baselineUs, candidateUs: await time(candidate) });
    } else {
      const candidateUs = await time(candidate);
      samples.push({ baselineUs: await time(baseline), candidateUs });
    }
    tick();
  }
  return {
    baselineUs: median(samples.map((sample) => sample.baselineUs)),
    candidateUs: median(samples.map((sample) => sample.candidateUs)),
    ratio: median(samples.map((sample) => sample.candidateUs / sample.baselineUs)),
  };
}

function wallUs(): number {
  return performance.now() * 1_000;
}

/** What this process has cost so far, in microseconds: other programs do not disturb that as they do the time on the wall. */
export function processorUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low, high] = [sorted[middle - 1] ?? NaN, sorted[middle] ?? NaN];
  return sorted.length % 2 === 0 ? (low + high) / 2 : high;
}
