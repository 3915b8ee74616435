/** Uniform in [0, 1). */
export type Random = () => number;

/**
 * Seeded chance (sfc32 of Chris Doty-Humphrey's PractRand: 128 bits of state, fast, passes its tests).
 *
 * @param stream - different streams of one seed are independent, so that one use of chance does not shift another's.
 */
export function seededRandom(seed: number, stream: number): Random {
  let a = seed | 0;
  let b = Math.floor(seed / 2 ** 32) | 0;
  let c = stream | 0;
  let counter = 1;
  const next = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return (sum >>> 0) / 2 ** 32;
  };
  // The first numbers still show the seed.
  for (let skipped = 0; skipped < 15; skipped++) next();
  return next;
}

/** Exponential with mean 1: the gaps of a Poisson process. */
export function exponential(random: Random): number {
  return -Math.log(1 - random());
}

/** Standard normal, by Box and Muller. 1 − u because the logarithm of 0 is infinite. */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
