import type { Fault, Order } from './case.js';

/** A request as the server received it, without what differs from run to run. */
export interface Wire {
  readonly method: string;
  readonly path: string;
  /** In the order in which they came, with their names as written. */
  readonly lines: readonly string[];
  /** `undefined` until all of it has come. */
  body: string | undefined;
}

/** One request in the server's hands. */
export interface Exchange {
  /** By its marker; else 0 for the first to come, 1 for any other. */
  readonly attempt: number;
  readonly wire: Wire;
  /** Whether this one asks for what a redirect has led to. */
  readonly isHop: boolean;
  /** Whether there is nothing more to send: it has been answered in full, or is gone. */
  isOver: boolean;
  /** Whether its client has let go of it, as far as servers can tell. */
  isClosed: boolean;
  /** Bytes of its body sent so far. */
  sent: number;
  /** Does to it what the fault says; resolves when nothing more is to come from the server. */
  play(fault: Fault, label: string): Promise<void>;
}

/** How long an answer waits for a request that does not come. */
const PATIENCE_MS = 400;


/** What the server does to the requests of one run, and what it has seen of them. */
export class Script {
  readonly exchanges: Exchange[] = [];
  onArrival: (attempt: number) => void = () => undefined;
  private readonly faults: readonly Fault[];
  private readonly labels: readonly string[];
  private readonly order: Order;
  private readonly arrived = [new Gate(), new Gate()] as const;
  private readonly played = [new Gate(), new Gate()] as const;

  /** @param faults - the primary's and the hedges', or one for all. */
  constructor(faults: readonly Fault[], labels: readonly string[], order: Order) {
    this.faults = faults;
    this.labels = labels;
    this.order = order;
  }

  /** The number of a request: that of the attempt which was redirected here, or its own, or that which its arrival gives it. */
  attemptOf(hop: string, marker: string | undefined): number {
    const redirected = /\d+$/.exec(hop);
    if (redirected !== null) return Number(redirected[0]);
    if (marker !== undefined) return Number(marker);
    return this.exchanges.some(({ attempt, isHop }) => attempt === 0 && !isHop) ? 1 : 0;
  }

  labelOf(attempt: number): string {
    return this.labels[Math.min(attempt, this.labels.length - 1)] ?? '';
  }

  faultOf(attempt: number): Fault | undefined {
    return this.faults[Math.min(attempt, this.faults.length - 1)];
  }

  async take(exchange: Exchange): Promise<void> {
    this.exchanges.push(exchange);
    const place = exchange.attempt === 0 ? 0 : 1;
    this.onArrival(place);
    this.arrived[place].open();
    const fault = this.faultOf(place);
    if (fault === undefined) return;
    if (!exchange.isHop) await this.turn(place);
    await exchange.play(fault, this.labelOf(place));
    this.played[place].open();
  }

  private turn(place: 0 | 1): Promise<void> {
    const other = place === 0 ? 1 : 0;
    const [arrived, played] = [this.arrived[other], this.played[other]];
    switch (this.order) {
      case 'together':
        return arrived.within(PATIENCE_MS);
      case 'hedge first':
        return place === 0 ? played.within(PATIENCE_MS) : arrived.within(PATIENCE_MS);
      case 'primary first':
        return place === 1 ? played.within(PATIENCE_MS) : arrived.within(PATIENCE_MS);
      case 'primary alone':
        return Promise.resolve();
    }
  }
}

/** Opens once. */
class Gate {
  private readonly waiting: (() => void)[] = [];
  private isOpen = false;

  open(): void {
    this.isOpen = true;
    for (const wake of this.waiting.splice(0)) wake();
  }

  within(ms: number): Promise<void> {
    if (this.isOpen) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.waiting.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}
