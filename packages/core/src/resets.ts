import type { Clock } from './clock.js';
import { LruMap } from './lru.js';

/** One stream of a connection that nobody wants any more. */
export interface UnwantedStream {
  /** Whether it has ended by itself, so that there is nothing left to cancel. */
  readonly hasEnded: boolean;
  /** Resets it. Must not throw. */
  cancel(): void;
}

interface Connection {
  tokens: number;
  filledAtMs: number;
  /** What could not be cancelled yet, the longest waiting first. */
  readonly waiting: Set<UnwantedStream>;
}

/** So much may come at once, in seconds of the rate. */
const BURST_SECONDS = 20;
/** How often it looks after what waits. */
const LOOK_EVERY_MS = 100;
const MOST_CONNECTIONS = 1_000;

/**
 * Cancels losers whose connections outlive them, as those of HTTP/2 do, no faster than servers bear it. A server that protects itself from the
 * rapid reset attack (CVE-2023-44487) closes a connection on which many streams are reset, with every call under way on it:
 * Node's does beyond 1,000 and 33 a second. So each connection has a token bucket, and a stream that finds it empty
 * waits: most end by themselves meanwhile, and those that hang are cancelled when there is a token again.
 */
export class Resets {
  private readonly clock: Clock;
  private readonly perSecond: number;
  private readonly connections = new LruMap<Connection>(MOST_CONNECTIONS);
  private readonly crowded = new Set<Connection>();

  /** @param perSecond - of one connection, above 0; `Infinity` for no limit. */
  constructor(clock: Clock, perSecond: number) {
    this.clock = clock;
    this.perSecond = perSecond;
  }

  /** Cancels a stream, now or when its connection bears it. `connection` names what counts together. */
  cancel(connection: string, stream: UnwantedStream): void {
    if (this.perSecond === Infinity) return stream.cancel();
    const found = this.find(connection);
    found.waiting.add(stream);
    this.serve(found);
    if (found.waiting.size === 0 || this.crowded.has(found)) return;
    this.crowded.add(found);
    if (this.crowded.size === 1) this.lookLater();
  }

  /** A stream was reset that could not wait. */
  spend(connection: string): void {
    if (this.perSecond === Infinity) return;
    const found = this.find(connection);
    found.tokens = Math.max(0, found.tokens - 1);
  }

  private find(name: string): Connection {
    const burst = BURST_SECONDS * this.perSecond;
    const nowMs = this.clock.now();
    const found = this.connections.get(name, () => ({ tokens: burst, filledAtMs: nowMs, waiting: new Set() }));
    this.fill(found, nowMs);
    return found;
  }

  private fill(connection: Connection, nowMs: number): void {
    const earned = ((nowMs - connection.filledAtMs) / 1_000) * this.perSecond;
    connection.tokens = Math.min(BURST_SECONDS * this.perSecond, connection.tokens + earned);
    connection.filledAtMs = nowMs;
  }

  private serve(connection: Connection): void {
    for (const stream of connection.waiting) {
      if (!stream.hasEnded && connection.tokens < 1) return;
      connection.waiting.delete(stream);
      if (stream.hasEnded) continue;
      connection.tokens--;
      stream.cancel();
    }
  }

  private lookLater(): void {
    this.clock.setTimeout(() => {
      const nowMs = this.clock.now();
      for (const connection of this.crowded) {
        this.fill(connection, nowMs);
        this.serve(connection);
        if (connection.waiting.size === 0) this.crowded.delete(connection);
      }
      if (this.crowded.size > 0) this.lookLater();
    }, LOOK_EVERY_MS);
  }
}
