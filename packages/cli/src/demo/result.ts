import type { Trace } from '../trace/tree.js';
import type { Run } from './measure.js';
import type { DemoOptions } from './options.js';

/** What the demo found out. */
export interface DemoResult {
  readonly options: DemoOptions;
  readonly runs: readonly Run[];
  /** A call that a hedge won; `undefined` if none did in many tries. */
  readonly trace: Trace | undefined;
  /** What else the machine did, if that spoils the figures. */
  readonly warning: string | undefined;
}
