import type { Counts, Told } from './protocol.js';

/** Who is asked for what. */
export interface Visit {
  readonly call: number;
  readonly attempt: number;
}

/** What the servers notice of their visitors. */
export class Witness {
  readonly counts: Counts = { received: { primaries: 0, hedges: 0 }, endless: 0 };
  private readonly tell: (told: Told) => void;

  constructor(tell: (told: Told) => void) {
    this.tell = tell;
  }

  /** @param context - whose context the request says it was sent in. */
  received({ call, attempt }: Visit, context: unknown): void {
    this.counts.received[attempt > 0 ? 'hedges' : 'primaries']++;
    if (context !== String(call)) this.tell({ foreign: { call, attempt, context: String(context) } });
  }

  /** @returns what to call when it has been closed, with how many bytes were written until then. */
  beginsEndless({ call, attempt }: Visit): (bytes: number) => void {
    this.counts.endless++;
    return (bytes) => {
      this.counts.endless--;
      this.tell({ closed: { call, attempt, atMs: Date.now(), bytes } });
    };
  }
}
