import { forgetOldest } from '../common/lru.js';
import type { SurvivalCurve } from '../latency/survival-curve.js';
import type { Spare } from '../spare/spare.js';
import { Trigger, type TriggerRule } from './worth.js';

/** Rules remembered per distribution; callers rarely have more than one. */
const MOST_RULES = 16;

/** The current trigger for every rule that a distribution is asked for. */
export class Triggers {
  private readonly triggers = new Map<string, Trigger>();
  private latest: Trigger | undefined = undefined;
  private readonly spare: Spare | undefined;

  /** @param spare - what routes of the origin leave of its budget; `undefined` for what is no route. */
  constructor(spare?: Spare) {
    this.spare = spare;
  }

  /** `undefined` if it was not asked for before. */
  get(rule: TriggerRule): Trigger | undefined {
    const { latest } = this;
    return latest?.rule === rule ? latest : (this.latest = this.triggers.get(rule.name));
  }

  /** Whether any is sooner than by its rule. */
  get isSooner(): boolean {
    for (const { isSooner } of this.triggers.values()) if (isSooner) return true;
    return false;
  }

  /** Asks for it from now on. `knownMs`: its quantile as known from before, if it is. */
  add(rule: TriggerRule, knownMs: number | undefined): Trigger {
    forgetOldest(this.triggers, MOST_RULES);
    const trigger = new Trigger(rule, knownMs, this.spare);
    this.triggers.set(rule.name, trigger);
    return trigger;
  }

  /** The quantiles that they follow. */
  quantiles(): number[] {
    return Array.from(this.triggers.values(), ({ rule }) => rule.quantile);
  }

  /** Decides anew for a quantile; `fresh` samples have come since the last time. */
  refresh(quantile: number, curve: SurvivalCurve, quantileMs: number, fresh: number, nowMs: number): void {
    for (const trigger of this.triggers.values()) {
      if (trigger.rule.quantile !== quantile) continue;
      trigger.renew(curve, quantileMs, fresh);
      trigger.share(curve, fresh, nowMs);
    }
  }

  /** Latency has changed. */
  startAfresh(): void {
    for (const trigger of this.triggers.values()) trigger.startAfresh();
  }

  /** Decides by what was known once, where nothing was decided. */
  recall(quantile: number, curve: SurvivalCurve, quantileMs: number): void {
    for (const trigger of this.triggers.values()) if (trigger.rule.quantile === quantile && !trigger.isDecided) trigger.renew(curve, quantileMs, 0);
  }
}
