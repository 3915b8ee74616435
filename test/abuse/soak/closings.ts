import type { SoakClient } from './client.js';
import { fateOf, MOST_ATTEMPTS } from './fates.js';
import type { Entry } from './ledger.js';
import type { Closed } from './protocol.js';

/** An attempt that has failed or lost is closed within this time: much more than a busy machine needs, and much less than draining takes. */
const MOST_LATE_MS = 2_500;

/** What became of a client's endless answers. */
export interface ClosingTally {
  count: number;
  worstMs: number;
  bytes: number;
}

/** Holds when servers saw an endless answer closed against when its attempt ended. */
export class Closings {
  readonly tallies: Map<SoakClient, ClosingTally> = new Map<SoakClient, ClosingTally>();
  private readonly complain: (wrong: string) => void;
  private readonly ended = new Map<number, { readonly client: SoakClient; readonly entry: Entry }>();
  /** Of calls that have not ended. */
  private readonly early = new Map<number, Closed[]>();

  constructor(complain: (wrong: string) => void) {
    this.complain = complain;
  }

  onClosed(closed: Closed): void {
    const { call } = closed;
    if (this.ended.has(call)) return this.judge(closed);
    const early = this.early.get(call);
    if (early === undefined) this.early.set(call, [closed]);
    else early.push(closed);
  }

  callEnded(client: SoakClient, call: number, entry: Entry | undefined): void {
    const isEndless = Array.from({ length: MOST_ATTEMPTS }, (_, attempt) => fateOf(call, attempt)).includes('endless');
    // Attempts of several calls cannot be told apart.
    if (!isEndless || entry?.calls !== 1) return;
    this.ended.set(call, { client, entry });
    for (const closed of this.early.get(call) ?? []) this.judge(closed);
    this.early.delete(call);
  }

  /** A round is over. `open`: endless answers that servers still give. */
  close(open: number): void {
    if (open > 0) this.complain(`${open} endless answers are still being read when nothing is under way`);
    this.ended.clear();
    this.early.clear();
  }

  private judge({ call, attempt, atMs, bytes }: Closed): void {
    const { client, entry } = this.ended.get(call) ?? {};
    const endedAtMs = entry?.endedAtMs[attempt];
    if (client === undefined || endedAtMs === undefined) return;
    let tally = this.tallies.get(client);
    if (tally === undefined) this.tallies.set(client, (tally = { count: 0, worstMs: 0, bytes: 0 }));
    const lateMs = Math.max(0, atMs - endedAtMs);
    tally.count++;
    tally.worstMs = Math.max(tally.worstMs, lateMs);
    tally.bytes += bytes;
    if (client.losers !== 'closed' || lateMs <= MOST_LATE_MS) return;
    this.complain(`${client.name}, call ${call}: attempt ${attempt} was closed ${lateMs.toFixed(0)} ms after it had ended, and ${bytes} bytes`);
  }
}
