import fc from 'fast-check';

/** How an attempt ends by itself. `wait`: a 429 whose server asks to be left alone. */
const ends = ['ok', 'ok', 'ok', 'ok', 500, 429, 'wait', 'reject'] as const;

/** What one attempt does, after how long, and whether it hears an abort. */
export interface AttemptPlan {
  readonly ms: number;
  readonly end: (typeof ends)[number];
  readonly isDeaf: boolean;
  /** What the server of a `wait` asks for; `Infinity`: no more copies of this call. */
  readonly waitMs: number;
}

/** One call: when, with which options, and what its attempts do. */
export interface CallPlan {
  readonly atMs: number;
  /** Which of two services is asked. */
  readonly service: 'a' | 'b';
  /** Whether hedges go to the other of the two. */
  readonly isSteered: boolean;
  readonly attempts: readonly AttemptPlan[];
  readonly delay: readonly number[];
  readonly mode: 'on' | 'shadow';
  readonly probability: number;
  readonly hedgeOnFailure: boolean;
  readonly losers: 'abort' | 'drain';
  readonly timeoutMs: number | undefined;
  /** When the caller gives up, counted from the call's start. Before 0: it had done so already. */
  readonly abortAtMs: number | undefined;
  /** What the caller's signal says why. */
  readonly abortAs: 'AbortError' | 'TimeoutError';
  /** How long the winner's body is read for. */
  readonly readMs: number;
}

/** A few calls on one Hedger, and when the event loop is busy. */
export interface Schedule {
  readonly calls: readonly CallPlan[];
  readonly blocks: readonly { readonly atMs: number; readonly ms: number }[];
  readonly burst: number;
  readonly maxConcurrentHedges: number;
  readonly disposeAtMs: number | undefined;
  readonly seed: number;
}

/** Once in `every` times. */
function sometimes<T>(every: number, value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: every - 1, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });
}

const attempt: fc.Arbitrary<AttemptPlan> = fc.record({
  ms: fc.integer({ min: 0, max: 60 }),
  end: fc.constantFrom(...ends),
  isDeaf: fc.boolean(),
  waitMs: fc.constantFrom(0, 5, 30, Infinity),
});

const call: fc.Arbitrary<CallPlan> = fc.record({
  atMs: fc.integer({ min: 0, max: 40 }),
  service: fc.constantFrom('a', 'b'),
  isSteered: fc.boolean(),
  attempts: fc.array(attempt, { minLength: 4, maxLength: 4 }),
  delay: fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 3 }).map((delays) => delays.sort((a, b) => a - b)),
  mode: fc.constantFrom('on', 'on', 'on', 'shadow'),
  probability: fc.constantFrom(1, 1, 0.5),
  hedgeOnFailure: fc.boolean(),
  losers: fc.constantFrom('abort', 'drain'),
  timeoutMs: sometimes(3, fc.integer({ min: 1, max: 60 })),
  abortAtMs: sometimes(3, fc.integer({ min: -5, max: 80 })),
  abortAs: fc.constantFrom('AbortError', 'TimeoutError'),
  readMs: fc.integer({ min: 0, max: 30 }),
});

export const schedule: fc.Arbitrary<Schedule> = fc.record({
  calls: fc.array(call, { minLength: 1, maxLength: 4 }),
  blocks: fc.array(fc.record({ atMs: fc.integer({ min: 0, max: 80 }), ms: fc.integer({ min: 1, max: 50 }) }), { maxLength: 2 }),
  burst: fc.integer({ min: 1, max: 5 }),
  maxConcurrentHedges: fc.constantFrom(1, 2, 100),
  disposeAtMs: sometimes(10, fc.integer({ min: 0, max: 80 })),
  seed: fc.nat(),
});
