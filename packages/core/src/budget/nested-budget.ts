import { LruMap } from '../common/lru.js';
import type { BudgetUsage } from '../options/hedger-options.js';
import type { Allowance } from './allowance.js';
import { OutageBrake } from './brake.js';
import { RatioBucket } from './ratio-bucket.js';

/** What an origin may spend. */
interface OriginBudget {
  readonly bucket: RatioBucket;
  readonly brake: OutageBrake;
}

/** One ratio bucket per origin, inside one for all: a hedge needs a token of both. */
export class NestedRatioBudget implements Allowance {
  private readonly overall: RatioBucket;
  private readonly origins: LruMap<OriginBudget>;
  private readonly make: (origin: string, isFull: boolean) => OriginBudget;
  private readonly hasBrake: boolean;

  constructor(ratio: number, burst: number | undefined, hasBrake: boolean, maxOrigins: number) {
    // Whoever chooses URLs can have an origin forgotten between two of its calls: it must not get its first tokens each time.
    this.make = (_origin, isFull) => ({ bucket: new RatioBucket(ratio, burst, !isFull), brake: new OutageBrake() });
    this.overall = new RatioBucket(ratio, burst, true);
    this.origins = new LruMap(maxOrigins);
    this.hasBrake = hasBrake;
  }

  deposit(origin: string, nowMs: number): void {
    this.overall.deposit(nowMs);
    this.origins.get(origin, this.make).bucket.deposit(nowMs);
  }

  onDue(origin: string, nowMs: number, easing: number): void {
    if (!this.hasBrake) return;
    const { bucket, brake } = this.origins.get(origin, this.make);
    brake.onDue(bucket.newCalls, nowMs);
    bucket.ease(Math.min(brake.factor, easing), nowMs);
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
    return (this.origins.peek(origin)?.brake.factor ?? 1) < 1;
  }

  usage(nowMs: number): BudgetUsage {
    return this.overall.usage(nowMs);
  }
}
