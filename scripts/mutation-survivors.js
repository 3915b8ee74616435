/**
 * Why mutants survive that no test has to notice: a reason, and the lines where it holds. A line is named by a part of its text,
 * or of the code that is replaced, with ` → replacement` where only that one is meant. See scripts/mutation-report.js.
 */
export const survivors = [
  {
    reason: 'Saves work, and nothing else: without it the same comes out',
    where: {
      'attempt.ts': ['this.listener === undefined'],
      'budget.ts': ['this.factor === 1'],
      'goal/estimates.ts': ['oldest.done !== true', 'isOutdated: false'],
      'goal/outlook.ts': ['elapsedMs > delayMs', 'hedges.slice(0, index)'],
      'goal/solver.ts': ['fromMs >= toMs', 'lowestMs > fromMs', 'probability <= 0', 'due > 0'],
      'harm/clustering.ts': ['index <= calm → index < calm'],
      'harm/drift.ts': ['index < this.references.length → <=', 'this.references.map(() => 0)', 'side > 0 → side >= 0'],
      'harm/efficacy.ts': ['if (this.probeAtCall === undefined) return false → false'],
      'hedger.ts': ['this.observers.length === 0', 'waitMs === 0', "resolved === undefined || reason !== undefined"],
      'latency/distribution.ts': [
        'this.samplesAwaited < Infinity → true',
        'this.samplesAwaited < Infinity → <= Infinity',
        'nowMs - this.notedAtMs >= REFRESH_MS → true',
        'nowMs - this.notedAtMs → nowMs + this.notedAtMs',
      ],
      'lessons.ts': ['instanceHeader === undefined', 'attempts.length < 2', 'hedge !== undefined', 'status !== undefined'],
      'lru.ts': ['this.latestKey', 'oldest.done !== true'],
      'plan.ts': ['options.probability < 1', 'second === undefined', 'probability >= 1', 'answer === undefined'],
      'race.ts': [
        'this.delaysMs.length > 0',
        'steered.target !== undefined',
        'options.instanceHeader !== undefined',
        'this.attempts.length > 1',
        "delay.kind === 'goal'",
        'this.open === 0 ||',
        'watch === undefined && options.onComplete === undefined',
        'this.timeoutTimer !== undefined',
        'if (!settled.ok) attempt.error',
      ],
      'resolve.ts': ['only !== undefined', 'maxHedges > 1', 'delaysMs.length > maxHedges'],
      'savings/estimates.ts': ['leftMs <= 0', 'others.length === 0', 'running <= 0', 'elapsedMs >= curve.seenUpToMs'],
      'savings/savings.ts': ['this.noted.length === 0'],
      'schedule.ts': ['delayMs === undefined || this.stopped', 'this.lateMs === Infinity'],
      'secrets.ts': ["'%' → \"\""],
      'steering/steering.ts': ['targets.length === 0', 'cookies.length === 0'],
      'steering/target.ts': ['(https?:\\/\\/)?.*@ → /(https?'],
      'timers.ts': ['new Array<Waiting | undefined>(SLOTS)', 'this.waiting++ === 0', 'nextAtMs < this.firesAtMs', 'last - SLOTS + 1', 'first + SLOTS', 'waiting.dueAtMs < ms + 1', 'const due: Waiting[] = []'],
      'validate.ts': ['index > 0'],
    },
  },
  {
    reason: 'Differs only where two numbers with fractions are exactly equal',
    where: {
      'budget.ts': ['1 - ROUNDING'],
      'goal/damping.ts': ['<= 1 - goal.target'],
      'goal/outlook.ts': ['PRECISION * latest', '<= 1 - target'],
      'goal/solver.ts': ['> 1 - target', '1 - ROUNDING'],
      'harm/drift.ts': ['odds > ODDS_FACTOR → odds >= ODDS_FACTOR', 'odds < 1 / ODDS_FACTOR → odds <= 1', '> ENOUGH → >= ENOUGH'],
      'harm/efficacy.ts': ['this.evidence <= LITTLE → this.evidence < LITTLE'],
      'harm/usefulness.ts': ['EVEN * together < independent → <='],
      'hedger.ts': ['?? 0) > nowMs'],
      'latency/distribution.ts': ['nowMs - this.notedAtMs >= REFRESH_MS → > REFRESH_MS', 'elapsedMs > SLOW_MEDIANS * medianMs → >='],
      'race.ts': ['elapsedMs >= (this.delaysMs[0]'],
      'schedule.ts': ['this.heldUntilMs > elapsedMs'],
      'timers.ts': ['waiting.dueAtMs <= byMs'],
      'pushback.ts': ['waitMs > 0'],
    },
  },
  {
    reason: 'A first value that is set again before anything reads it',
    where: {
      'harm/drift.ts': ['private periods: readonly Period[] = []', 'private samples: number[] = []', 'private above: number[] = []'],
      'harm/efficacy.ts': ['private isAwaited = false'],
    },
  },
  {
    reason: 'How finely the solver searches: a plan a little off the best is as good within the error of the latencies',
    where: {
      'goal/solver.ts': ['COARSE_STEPS', 'FINE_STEPS', 'FINE_ROUNDS', 'steps + 1', 'goal.target >= TWO_HEDGES_FROM', 'first === undefined || second === undefined'],
    },
  },
  {
    reason: 'Cannot happen: it is there for the type checker, or for a value that callers never give',
    where: {
      'goal/damping.ts': ['{ delayMs, probability }'],
      'harm/drift.ts': ['this.references[index]?.ms → this.references[index].ms'],
      'hedger.ts': ['signal?.reason', 'call.whenReleased === undefined', "'disabled'"],
      'latency/distribution.ts': ['oldest.done !== true → true'],
      'lessons.ts': ['primary?.durationMs'],
      'race.ts': ['signal?.reason', 'signal?.removeEventListener', 'this.winner?.abort'],
      'savings/savings.ts': ['attempts[0]?.outcome'],
      'secrets.ts': ["[0] ?? ''"],
      'steering/target.ts': ["username = ''", '?? -1'],
    },
  },
  {
    reason: 'The type checker refuses it: text in a list of something else',
    where: { 'latency/distribution.ts': ['[] → ["Stryker was here"]'] },
  },
  {
    reason: 'A word that acts by not being another word, or a function whose result counts as false either way',
    where: { 'resolve.ts': ["'abort'", "'on'", '() => false', "' '"], 'attempt.ts': ["'abort'"] },
  },
  {
    reason: 'A second lock on the same door: what the condition keeps out is kept out further on as well',
    where: {
      'race.ts': ['call.signal?.aborted === true', 'this.primaryOutcome !== undefined', 'this.givenUp !== undefined', "kind === 'cancelled'", 'attempt.timedOut = attempt.outcome === undefined'],
    },
  },
];
