import { LruMap } from '../common/lru.js';
import type { BudgetUsage } from '../options/hedger-options.js';
import { tokensLeft, type Allowance } from './allowance.js';
import { OutageBrake } from './brake.js';
import { RatioBucket } from './ratio-bucket.js';

/** What an origin may spend. */
interface OriginBudget {
  readonly bucket: RatioBucket;
  readonly brake: OutageBrake;
}

/** One ratio bucket per origin, inside one for all: a hedge needs a token of both. */
export class NestedRatioBudget implements Allowance {
  private overall: RatioBucket;
  private origins: LruMap<OriginBudget>;
  private readonly ratio: number;
  private readonly burst: number | undefined;
  private readonly hasBrake: boolean;

  constructor(ratio: number, burst: number | undefined, hasBrake: boolean, maxOrigins: number) {
    this.ratio = ratio;
    this.burst = burst;
    this.overall = new RatioBucket(ratio, burst, true);
    this.origins = new LruMap(maxOrigins);
    this.hasBrake = hasBrake;
  }

  // Whoever chooses URLs can have an origin forgotten between two of its calls: it must not get its first tokens each time.
  private readonly make = (_origin: string, isFull: boolean): OriginBudget => ({
    bucket: new RatioBucket(this.ratio, this.burst, !isFull),
    brake: new OutageBrake(),
  });

  deposit(origin: string, nowMs: number): void {
    this.overall.deposit(nowMs);
    this.origins.get(origin, this.make).bucket.deposit(nowMs);
  }

  onDue(origin: string, nowMs: number, easing: number): boolean {
    if (!this.hasBrake) return false;
    const { bucket, brake } = this.origins.get(origin, this.make);
    brake.onDue(bucket.newCalls, nowMs);
    bucket.ease(Math.min(brake.factor, easing), nowMs);
    return true;
  }

  refusal(origin: string, nowMs: number): ReturnType<Allowance['refusal']> {
    const { bucket } = this.origins.get(origin, this.make);
    if (!bucket.hasToken(nowMs)) return bucket.isEased ? 'overload' : 'budget_exhausted';
    if (!this.overall.hasToken(nowMs)) return 'budget_exhausted';
    bucket.take();
    this.overall.take();
    return undefined;
  }

  isBraked(origin: string): boolean {
    return this.hasBrake && (this.origins.peek(origin)?.brake.factor ?? 1) < 1;
  }

  usage(nowMs: number): BudgetUsage {
    return this.overall.usage(nowMs);
  }

  succeed(previous: Allowance | undefined, nowMs: number): void {
    if (!(previous instanceof NestedRatioBudget)) return this.overall.cap(tokensLeft(previous, nowMs));
    this.overall = previous.overall;
    this.origins = previous.origins;
    const { ratio, burst } = this;
    this.overall.retune(ratio, burst, nowMs);
    for (const { bucket } of this.origins.values()) {
      bucket.retune(ratio, burst, nowMs);
      if (!this.hasBrake) bucket.ease(1, nowMs);
    }
  }
}
