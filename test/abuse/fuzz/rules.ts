import type { Case } from './case.js';
import type { Outcome } from './outcome.js';

/** A difference that is meant: what hedging is documented to do. Each as narrow as it can be. */
export interface Rule {
  readonly name: string;
  readonly because: string;
  /** Whether it explains what came with hedging; `plains` came without. */
  readonly explains: (plan: Case, hedged: Outcome, plains: readonly Outcome[]) => boolean;
}

export const rules: readonly Rule[] = [
  {
    name: 'timeoutMs passed',
    because: 'option `timeoutMs` bounds the call over all its attempts, and fails it with the client’s own error of a timeout',
    explains: ({ hedging }, { seen }) => hedging.timeoutMs > 0 && JSON.stringify(seen.error ?? '').includes(`${hedging.timeoutMs}`),
  },
];
