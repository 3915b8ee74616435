import { quantileBeforeGap } from '../latency/gap.js';
import { samplesNeeded } from '../latency/kaplan-meier.js';
import type { SurvivalCurve } from '../latency/survival-curve.js';
import { Trigger, type TriggerRule } from './worth.js';

/** Rules remembered per distribution; callers rarely have more than one. */
const MOST_RULES = 16;

/** The current trigger for every rule that a distribution is asked for. */
export class Triggers {
  private readonly triggers = new Map<string, Trigger>();
  private latest: Trigger | undefined = undefined;

  /** `undefined` if it was not asked for before. */
  get(rule: TriggerRule): Trigger | undefined {
    const { latest } = this;
    return latest?.rule === rule ? latest : (this.latest = this.triggers.get(rule.name));
  }

  /** Asks for it from now on. `knownMs`: its quantile as known from before, if it is. */
  add(rule: TriggerRule, knownMs: number | undefined): Trigger {
    const oldest = this.triggers.keys().next();
    if (this.triggers.size >= MOST_RULES && oldest.done !== true) this.triggers.delete(oldest.value);
    const trigger = new Trigger(rule, knownMs);
    this.triggers.set(rule.name, trigger);
    return trigger;
  }

  /** The quantiles to be trusted before they are. */
  quantiles(): number[] {
    return Array.from(this.triggers.values(), ({ rule }) => rule.quantile);
  }

  /** Decides anew; `fresh` samples have come since the last time. */
  refresh(curve: SurvivalCurve, fresh: number): void {
    for (const trigger of this.triggers.values()) renew(trigger, curve, fresh);
  }

  /** Decides by what was known once, where nothing was decided. */
  recall(curve: SurvivalCurve): void {
    for (const trigger of this.triggers.values()) if (!trigger.isDecided) renew(trigger, curve, 0);
  }
}

function renew(trigger: Trigger, curve: SurvivalCurve, fresh: number): void {
  const { quantile } = trigger.rule;
  const { samples } = curve;
  const quantileMs = samples < samplesNeeded(quantile) ? undefined : quantileBeforeGap(curve, quantile, samples);
  if (quantileMs !== undefined) trigger.renew(curve, quantileMs, fresh);
}
