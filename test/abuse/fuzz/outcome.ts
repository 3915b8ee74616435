import type { Run, Seen } from './run.js';
import type { Wire } from './script.js';

/** All that there is to know of a run once it is over. */
export interface Outcome {
  readonly seen: Seen;
  /** {@link seen}, to be compared. */
  readonly text: string;
  /** The same, as if nothing were known of how much of its body has come. */
  readonly loose: string;
  readonly accidents: readonly string[];
  /** Callbacks that ran in another context. */
  readonly strayed: readonly string[];
  /** What is left open. */
  readonly open: readonly string[];
  /** On the caller's signal. */
  readonly listeners: () => number;
  /** Whether what has lost is still read to its end, as it was asked for: a request under way may listen to its signal. */
  readonly isDraining: () => boolean;
  readonly hasAborted: boolean;
  readonly wires: readonly { readonly attempt: number; readonly wire: Wire }[];
  readonly attempts: number;
}

export function outcomeOf(run: Run, open: readonly string[]): Outcome {
  run.settle();
  const { seen, accidents, strayed, script, hasAborted } = run;
  const exchanges = script.exchanges.filter(({ isHop }) => !isHop);
  return {
    seen,
    text: canonical(seen),
    loose: canonical({ ...seen, ...(run.part !== undefined && { body: run.part }) }),
    accidents,
    strayed: [...strayed].sort(),
    open,
    listeners: () => run.listeners,
    isDraining: () => run.isHedged && run.plan.hedging.losers !== 'abort' && script.exchanges.some(({ isClosed }) => !isClosed),
    hasAborted,
    wires: exchanges.map(({ attempt, wire }) => ({ attempt, wire })),
    attempts: exchanges.length,
  };
}

/** The same text for the same data. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_name, member: unknown) => {
    if (typeof member !== 'object' || member === null || Array.isArray(member)) return member;
    return Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
