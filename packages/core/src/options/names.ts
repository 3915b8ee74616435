import type { HedgerChanges, HedgerOptions } from './hedger-options.js';
import type { HedgeOptions } from './options.js';

/** The names a call may set; a Hedger takes these and its own. */
export const CALL_OPTION_NAMES: readonly (keyof HedgeOptions)[] = [
  'delay',
  'worth',
  'maxHedges',
  'methods',
  'idempotencyKey',
  'describe',
  'when',
  'maxReplayBytes',
  'accept',
  'hedgeOnFailure',
  'losers',
  'timeoutMs',
  'probability',
  'raceUntil',
  'mode',
  'targets',
  'route',
  'forwardCredentials',
  'stripAffinityCookies',
  'markHedges',
  'instanceHeader',
  'onHedge',
  'onComplete',
];

/** The names of a Hedger's own. */
export const HEDGER_OPTION_NAMES: readonly (keyof HedgerOptions)[] = ['budget', 'maxConcurrentHedges', 'maxResetsPerSecond', 'efficacy', 'latency', 'clock'];

export const OPTION_NAMES: readonly (keyof HedgerOptions)[] = [...CALL_OPTION_NAMES, ...HEDGER_OPTION_NAMES];

/** The names of what may be changed later. */
export const CHANGE_NAMES: readonly (keyof HedgerChanges)[] = ['mode', 'budget', 'delay'];
