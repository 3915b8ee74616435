import type { Advice } from './advice.js';
import type { Check } from './check.js';
import type { Input } from './read/read.js';

/** All that was found out. */
export interface AdviceResult {
  readonly input: Input;
  readonly advice: Advice;
  /** `undefined` if nobody asked, or if there was nothing to check. */
  readonly check: Check | undefined;
}
