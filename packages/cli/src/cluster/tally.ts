import type { ServerResponse } from 'node:http';
import type { RequestCounts } from './types.js';

/** Most routes counted one by one, so that a test with a path per request does not fill the memory. */
const MAX_ROUTES = 1000;

type Counts = { -readonly [Name in keyof RequestCounts]: RequestCounts[Name] };

const zero = (): Counts => ({ received: 0, answered: 0, aborted: 0 });

/** Counts the requests of one server. */
export class Tally {
  #total = zero();
  readonly #routes = new Map<string, Counts>();
  readonly #waiting: (() => void)[] = [];

  get total(): RequestCounts {
    return { ...this.#total };
  }

  get routes(): ReadonlyMap<string, RequestCounts> {
    return this.#routes;
  }

  /** Follows a request from its arrival to the end of its connection. */
  follow(route: string, response: ServerResponse): void {
    const end = this.begin(route);
    response.once('close', () => end(response.writableFinished ? 'answered' : 'aborted'));
  }

  /** Counts a request that has arrived; returns what is to be called when it ends, of which the first call counts. */
  begin(route: string): (how: 'answered' | 'aborted') => void {
    const counts = [this.#total, this.#routeCounts(route)];
    for (const count of counts) count.received++;
    let ended = false;
    return (how) => {
      if (ended) return;
      ended = true;
      for (const count of counts) count[how]++;
      if (this.#inProgress === 0) for (const resolve of this.#waiting.splice(0)) resolve();
    };
  }

  /** Resolves when no request is in progress. */
  idle(): Promise<void> {
    if (this.#inProgress === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  reset(): void {
    this.#total = zero();
    this.#routes.clear();
  }

  get #inProgress(): number {
    return this.#total.received - this.#total.answered - this.#total.aborted;
  }

  #routeCounts(route: string): Counts {
    const key = this.#routes.has(route) || this.#routes.size < MAX_ROUTES ? route : '*';
    let counts = this.#routes.get(key);
    if (!counts) this.#routes.set(key, (counts = zero()));
    return counts;
  }
}

/** Adds up the routes of several servers. */
export function sumRoutes(tallies: readonly Tally[]): Record<string, RequestCounts> {
  const sums: Record<string, Counts> = {};
  for (const tally of tallies) {
    for (const [route, counts] of tally.routes) {
      const sum = (sums[route] ??= zero());
      sum.received += counts.received;
      sum.answered += counts.answered;
      sum.aborted += counts.aborted;
    }
  }
  return sums;
}
