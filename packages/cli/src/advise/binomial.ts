/** Above this mean the normal distribution is close enough, and the sum below would underflow. */
const MOST_SUMMED = 500;
/** Of the standard normal distribution, so that 95 % lie within. */
const Z = 1.96;
const TAIL = 0.025;

/** The counts between which, with 95 % probability, the number of successes in n trials lies. */
export function binomialRange(trials: number, chance: number): { readonly low: number; readonly high: number } {
  const mean = trials * chance;
  if (mean > MOST_SUMMED) {
    const margin = Z * Math.sqrt(mean * (1 - chance));
    return { low: Math.floor(mean - margin), high: Math.min(trials, Math.ceil(mean + margin)) };
  }
  let probability = (1 - chance) ** trials;
  let sum = probability;
  let low = 0;
  let high = 0;
  while (sum < 1 - TAIL && high < trials) {
    if (sum < TAIL) low = high + 1;
    probability *= ((trials - high) / (high + 1)) * (chance / (1 - chance));
    sum += probability;
    high++;
  }
  return { low, high };
}
