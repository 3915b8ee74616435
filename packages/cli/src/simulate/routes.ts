import { checkNumber } from '../check.js';
import { itemAt } from './items.js';
import type { Random } from './random.js';
import type { ServiceTime } from './service-time.js';

/** One of several routes of the simulated service. */
export interface Route {
  /** Its path: an absolute one, `/orders`. */
  readonly path: string;
  /** How many of the calls are its own, next to the shares of the others. > 0. */
  readonly share: number;
  readonly service: ServiceTime;
}

/** Calls of several routes, in proportion to their shares. */
export class Routes {
  readonly service: ServiceTime;
  private readonly routes: readonly Route[];
  private readonly total: number;

  /** @throws RangeError if there are none, or a share is out of range. */
  constructor(routes: readonly Route[]) {
    if (routes.length === 0) throw new RangeError('routes: expected at least one, got none');
    this.routes = routes;
    this.total = routes.reduce((sum, { share }) => sum + checkNumber('routes.share', share, { min: 1e-9, max: 1e9 }), 0);
    const meanMs = routes.reduce((sum, { share, service }) => sum + share * service.meanMs, 0) / this.total;
    this.service = { meanMs, draw: (random) => itemAt(routes, this.pick(random)).service.draw(random) };
  }

  /** The index of a call's route; no chance where there is no choice. */
  pick(random: Random): number {
    if (this.routes.length === 1) return 0;
    let left = random() * this.total;
    const last = this.routes.length - 1;
    for (let index = 0; index < last; index++) if ((left -= itemAt(this.routes, index).share) < 0) return index;
    return last;
  }

  at(index: number): Route {
    return itemAt(this.routes, index);
  }
}
