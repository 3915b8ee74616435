import type { Offer, Step } from './offer.js';

/** Copies may come to this many times the share of work that they are of requests: 15 % for 9 %. */
const WORK = 5 / 3;
/** Less than this share of what a route plans by itself is not worth dividing: one that is alone, or all of whose neighbours are worth their hedges, stays as it is. */
const LEAST_ROOM = 0.05;
/** Rates of calls are means over about so long; who has not been heard of for twice as long is forgotten. */
const RATE_MS = 10_000;
const IDLE_MS = 2 * RATE_MS;
/** Prices are kept in classes, each so many times the one below, the lowest in milliseconds. */
const PRICE_STEP = 1.2;
const LEAST_PRICE_MS = 1e-3;
const PRICES = 96;
/** What nobody asks for has every price above the last one. */
const NO_PRICE = PRICES;

/** What one route has, wants and weighs. */
interface Part {
  readonly offer: Offer;
  /** Hedges per call that it would have sent were they worth it. */
  readonly planned: number;
  /** Calls per millisecond; 0 as long as they are not known. */
  readonly perMs: number;
  readonly sinceMs: number;
  readonly atMs: number;
  /** The class of the price of each step. */
  readonly prices: readonly number[];
}

/**
 * What the routes of an origin leave of its budget, because their hedges are not worth it, and who gets it.
 *
 * As a share of calls nobody sends more than was planned for all together, and the work of the copies, as if none were stopped when it is aborted,
 * stays below {@link WORK} times as much. Within both bounds a hedge goes where it saves most for its price: it costs a request, and the work of one.
 * Routes say what they have and want whenever their estimates are renewed. Sums by classes of prices are kept, so that takes the same time however many
 * routes there are.
 */
export class Spare {
  /** Whether there is something to spare at all: not while the budget is eased or used up. */
  isCalm = true;
  /** Those heard of last stand last. */
  private readonly parts = new Map<object, Part>();
  /** Per millisecond: calls, hedges that are to spare, and the same in work. */
  private hedges = 0;
  private workMs = 0;
  private calls = 0;
  private callsMs = 0;
  /** What is asked for at each class of prices. */
  private readonly hedgesAsked = new Float64Array(PRICES);
  private readonly workAskedMs = new Float64Array(PRICES);

  /**
   * One route's estimates were renewed.
   *
   * @param route - whoever it is.
   * @param planned - hedges per call by default.
   * @param fresh - its calls since the last time.
   * @returns how many of its calls it may hedge, as a share.
   */
  settle(route: object, offer: Offer, planned: number, fresh: number, nowMs: number): number {
    this.forgetIdle(nowMs);
    const before = this.parts.get(route);
    this.remove(route, before);
    const perMs = before === undefined ? 0 : rateOf(before, fresh, nowMs);
    const part = { offer, planned, perMs, sinceMs: before?.sinceMs ?? nowMs, atMs: nowMs, prices: offer.steps.map((step) => this.priceOf(step, offer.meanMs)) };
    this.parts.set(route, part);
    this.count(part, 1);
    return perMs === 0 ? offer.hedges : offer.hedges + this.granted(part);
  }

  /** How many more hedges per call a route could have at most, would it get all that there is; 0 if that is next to nothing. */
  mostFor(route: object, planned: number, meanMs: number): number {
    const { perMs = 0 } = this.parts.get(route) ?? {};
    const most = perMs === 0 ? 0 : Math.min(this.hedges / perMs, this.workMs / (perMs * meanMs));
    return most < LEAST_ROOM * planned ? 0 : most;
  }

  /** A route whose latency has changed gives and gets nothing until it is known again. */
  withdraw(route: object): void {
    this.remove(route, this.parts.get(route));
  }

  private granted({ offer, prices }: Part): number {
    const { price, share } = this.lowestPrice();
    let granted = 0;
    for (const [index, { hedges }] of offer.steps.entries()) {
      const own = prices[index] ?? 0;
      if (own > price) granted += hedges;
      else if (own === price) granted += share * hedges;
    }
    return granted;
  }

  /** The class of prices down to which everybody gets what he asks for; in this one itself a share of it. */
  private lowestPrice(): { readonly price: number; readonly share: number } {
    let { hedges, workMs } = this;
    for (let price = PRICES - 1; price >= 0; price--) {
      const hedgesAsked = at(this.hedgesAsked, price);
      const workAskedMs = at(this.workAskedMs, price);
      if (hedgesAsked > hedges || workAskedMs > workMs) {
        return { price, share: Math.max(0, Math.min(hedges / hedgesAsked, workMs / workAskedMs)) };
      }
      hedges -= hedgesAsked;
      workMs -= workAskedMs;
    }
    return { price: -1, share: 0 };
  }

  /** What a hedge saves for what it costs: as a share of the requests that may be sent, and of the work. */
  private priceOf({ savedMs }: Step, meanMs: number): number {
    const cost = 1 + (this.callsMs > 0 ? (meanMs * this.calls) / this.callsMs : 1) / WORK;
    const price = Math.floor(Math.log(savedMs / cost / LEAST_PRICE_MS) / Math.log(PRICE_STEP));
    return Math.min(Math.max(price, 0), NO_PRICE - 1);
  }

  private count({ offer, planned, perMs, prices }: Part, sign: 1 | -1): void {
    const { meanMs, hedges, steps } = offer;
    const calls = sign * perMs;
    this.calls += calls;
    this.callsMs += calls * meanMs;
    this.hedges += calls * (planned - hedges);
    this.workMs += calls * (WORK * planned - hedges) * meanMs;
    for (const [index, step] of steps.entries()) {
      const price = prices[index] ?? 0;
      this.hedgesAsked[price] = at(this.hedgesAsked, price) + calls * step.hedges;
      this.workAskedMs[price] = at(this.workAskedMs, price) + calls * step.hedges * meanMs;
    }
  }

  private remove(route: object, part: Part | undefined): void {
    if (part === undefined) return;
    this.count(part, -1);
    this.parts.delete(route);
  }

  private forgetIdle(nowMs: number): void {
    for (const [route, part] of this.parts) {
      if (nowMs - part.atMs <= IDLE_MS) return;
      this.remove(route, part);
    }
  }
}

/** The mean since it was first heard of, then over the recent past. */
function rateOf({ perMs, sinceMs, atMs }: Part, fresh: number, nowMs: number): number {
  const passedMs = nowMs - atMs;
  if (passedMs <= 0) return perMs;
  const weight = Math.max(1 - Math.exp(-passedMs / RATE_MS), passedMs / (nowMs - sinceMs));
  return perMs + weight * (fresh / passedMs - perMs);
}

function at(numbers: Float64Array, index: number): number {
  return numbers[index] ?? 0;
}
