import type { Survival } from '../latency/survival-curve.js';

/** Times are compared within this factor. */
const NEAR = 1.25;
/** Of two copies that end together either may be the first. */
const EVEN = 0.5;
/** Of copies sent while more primaries than this still run, the durations do not tell. */
const MOST_RUNNING = 0.5;
/** Some independent copies take any time whatever: a new connection, a place farther away. The share of them that does so within {@link NEAR}. */
const LATE = 0.03;

/**
 * Whether a hedge that won was of use: sent after `delayMs`, it took `tookMs`. It was not if it waited for what its primary
 * waited for, say the end of a stall of the one backend; then both are answered at the same time, and chance decides
 * which wins. A copy that is independent takes about as long as primaries do; one that waits ends when its primary would have
 * ended anyway. What is likelier decides, by the share of primaries that end at such a time.
 *
 * A hedge sent so early that most primaries still run takes as long as its primary either way, so each of its wins counts.
 */
export function isUseful(latency: Survival, delayMs: number, tookMs: number): boolean {
  if (latency.runningAt(delayMs) > MOST_RUNNING) return true;
  const [fromMs, toMs] = [tookMs / NEAR, tookMs * NEAR];
  const independent = latency.runningAt(fromMs) - latency.runningAt(toMs) + LATE;
  const running = latency.runningAt(delayMs + fromMs);
  const together = running > 0 ? 1 - latency.runningAt(delayMs + toMs) / running : 1;
  return EVEN * together < independent;
}
