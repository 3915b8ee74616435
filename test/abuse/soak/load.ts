import { setTimeout as sleep } from 'node:timers/promises';
import type { Kind, SoakClient } from './client.js';
import type { Closings } from './closings.js';
import type { Complaints } from './complaints.js';
import type { Contexts } from './contexts.js';
import { givesUpAfterMs } from './fates.js';
import { isSilent, TIMEOUT_MS, wrongWith } from './judge.js';
import type { Ledger } from './ledger.js';

/** Most calls of each client under way at once. */
const MOST_AT_ONCE = 32;
/** As many of them are let go on that a good answer takes about this long: the machine is busy, and not yet drowning. */
const TARGET_MS = 80;
/** No call takes longer, whatever its fate. */
const MOST_MS = 30_000;
const BLOCK_EVERY_MS = 1_500;
const MOST_BLOCK_MS = 150;

/** What became of a client's calls. */
export interface Tally {
  calls: number;
  readonly kinds: Partial<Record<Kind, number>>;
}

/** Who watches the calls. */
export interface Watchers {
  readonly ledger: Ledger;
  readonly contexts: Contexts;
  readonly closings: Closings;
  readonly complaints: Complaints;
}

/** Keeps all clients busy, and blocks the event loop now and then. */
export class Load {
  readonly tallies: Map<SoakClient, Tally>;
  blocks = 0;
  calls = 0;
  private next = 0;
  private atOnce = 2;
  private readonly recent = { calls: 0, sumMs: 0 };
  private readonly watchers: Watchers;
  private readonly signal: AbortSignal;
  private readonly underWay = new Map<number, { readonly client: SoakClient; readonly startedAt: number }>();

  constructor(clients: readonly SoakClient[], watchers: Watchers, signal: AbortSignal) {
    this.tallies = new Map(clients.map((client) => [client, { calls: 0, kinds: {} }]));
    this.watchers = watchers;
    this.signal = signal;
  }

  /** Makes calls for so long, and waits for them all. */
  async run(ms: number): Promise<void> {
    const endAt = performance.now() + ms;
    const work = async (client: SoakClient, place: number): Promise<void> => {
      while (performance.now() < endAt) await (place < this.atOnce ? this.call(client, this.next++) : sleep(50));
    };
    const clients = [...this.tallies.keys()];
    const working = Promise.all(clients.flatMap((client) => Array.from({ length: MOST_AT_ONCE }, (_, place) => work(client, place))));
    const blocking = this.blockUntil(endAt);
    const steering = setInterval(() => {
      this.checkOverdue();
      this.steer();
    }, 1_000);
    await Promise.race([working, this.untilLost(endAt + MOST_MS)]);
    clearInterval(steering);
    await blocking;
  }

  private async call(client: SoakClient, call: number): Promise<void> {
    const { ledger, contexts, closings, complaints } = this.watchers;
    const startedAt = performance.now();
    this.underWay.set(call, { client, startedAt });
    const abortMs = givesUpAfterMs(call);
    const caller = abortMs === undefined ? undefined : new AbortController();
    const timer = caller && setTimeout(() => caller.abort(), abortMs);
    const timeoutMs = caller === undefined && isSilent(call) ? TIMEOUT_MS : undefined;
    const ending = await contexts.run(call, () => client.ask({ call, signal: caller?.signal ?? this.signal, timeoutMs }));
    clearTimeout(timer);
    this.underWay.delete(call);
    this.calls++;
    const tally = this.tallies.get(client);
    if (tally !== undefined) {
      tally.calls++;
      tally.kinds[ending.kind] = (tally.kinds[ending.kind] ?? 0) + 1;
    }
    const tookMs = performance.now() - startedAt;
    if (ending.kind === 'ok') {
      this.recent.calls++;
      this.recent.sumMs += tookMs;
    }
    const entry = ledger.take(call);
    closings.callEnded(client, call, entry);
    const wrong = wrongWith(client, call, ending, tookMs, entry);
    if (wrong !== undefined) complaints.add(`${client.name}, call ${call}: ${wrong}`);
  }

  /** The highest rate that the machine sustains: slowly up, quickly down. */
  private steer(): void {
    const { recent } = this;
    if (recent.sumMs <= TARGET_MS * recent.calls) this.atOnce = Math.min(MOST_AT_ONCE, this.atOnce + 1);
    else this.atOnce = Math.max(1, Math.floor(this.atOnce * 0.7));
    recent.calls = recent.sumMs = 0;
  }

  private async blockUntil(endAt: number): Promise<void> {
    while (performance.now() < endAt) {
      await sleep(BLOCK_EVERY_MS * (0.5 + Math.random()));
      const until = performance.now() + MOST_BLOCK_MS * Math.random();
      while (performance.now() < until);
      this.blocks++;
    }
  }

  /** A call that does not end would keep the soak from ending. */
  private checkOverdue(): void {
    const nowMs = performance.now();
    for (const [call, { client, startedAt }] of this.underWay) {
      if (nowMs - startedAt <= MOST_MS) continue;
      this.watchers.complaints.add(`${client.name}, call ${call}: it has not ended after ${MOST_MS / 1_000} s`);
      this.underWay.delete(call);
    }
  }

  private async untilLost(lastMs: number): Promise<void> {
    while (performance.now() < lastMs) await sleep(1_000, undefined, { ref: false });
  }
}
