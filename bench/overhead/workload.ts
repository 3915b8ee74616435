/** The reference workload: lognormal, mean 5 ms, standard deviation 2 ms, and 5 % of requests ten times slower. */
export function referenceLatencyMs(): number {
  const variance = Math.log(1 + (2 / 5) ** 2);
  const normal = Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
  return Math.exp(Math.log(5) - variance / 2 + Math.sqrt(variance) * normal) * (Math.random() < 0.05 ? 10 : 1);
}
