import type { Attributes } from '@opentelemetry/api';
import type { AttemptOutcome } from '@hedgerow/core';
import { attr } from './semconv.js';

/** The kinds of attempt. */
export const ATTEMPT_TYPES = ['primary', 'hedge'] as const;

/** Which of them. */
export type AttemptType = (typeof ATTEMPT_TYPES)[number];

export function attemptType(isHedge: boolean): AttemptType {
  return isHedge ? 'hedge' : 'primary';
}

/** Every attribute set of the hot path, made once: the metrics of a call that went well allocate none. */
export interface MetricAttributes {
  readonly call: Attributes;
  readonly attempt: Readonly<Record<AttemptType, Attributes>>;
  readonly winner: Readonly<Record<AttemptType, Attributes>>;
  readonly outcome: Readonly<Record<AttemptType, Readonly<Record<AttemptOutcome, Attributes>>>>;
}

/** @param common - what all of them have. */
export function metricAttributes(common: Attributes): MetricAttributes {
  const having = (more: Attributes): Attributes => Object.freeze({ ...common, ...more });
  const byType = <V>(make: (type: AttemptType) => V): Record<AttemptType, V> => ({ primary: make('primary'), hedge: make('hedge') });
  const ended = (type: AttemptType, outcome: AttemptOutcome): Attributes =>
    having({ [attr.attemptType]: type, [attr.attemptOutcome]: outcome });
  return {
    call: having({}),
    attempt: byType((type) => having({ [attr.attemptType]: type })),
    winner: byType((type) => having({ [attr.winnerType]: type })),
    outcome: byType((type) => ({
      won: ended(type, 'won'),
      failed: ended(type, 'failed'),
      cancelled: ended(type, 'cancelled'),
      discarded: ended(type, 'discarded'),
      shed: ended(type, 'shed'),
    })),
  };
}
