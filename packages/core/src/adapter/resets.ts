import { setWeakTimeout, type Clock } from '../common/clock.js';
import { LruMap } from '../common/lru.js';

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

/** So much may come at once, in seconds of the rate, and one at least: or nothing would ever be cancelled at low rates. */
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
  private readonly burst: number;
  private readonly connections = new LruMap<Connection>(MOST_CONNECTIONS);

  /** @param perSecond - of one connection, above 0; `Infinity` for no limit. */
  constructor(clock: Clock, perSecond: number) {
    this.clock = clock;
    this.perSecond = perSecond;
    this.burst = Math.max(1, BURST_SECONDS * perSecond);
  }

  /**
   * Cancels a stream in the async context of this call, now or when its connection bears it. `connection` names what counts together.
   * Where timers end with their request, its streams do too: nothing may wait there.
   */
  cancel(connection: string, stream: UnwantedStream): void {
    if (this.perSecond === Infinity || this.clock.isPerRequest === true) return stream.cancel();
    const found = this.find(connection);
    if (stream.hasEnded) return;
    if (found.tokens >= 1 && firstOf(found.waiting) === undefined) {
      found.tokens--;
      return stream.cancel();
    }
    found.waiting.add(stream);
    this.waitFor(found, stream);
  }

  /** A stream was reset that could not wait. */
  spend(connection: string): void {
    if (this.perSecond === Infinity) return;
    const found = this.find(connection);
    found.tokens = Math.max(0, found.tokens - 1);
  }

  /** One that had to be made in place of another may be known, and its burst spent: it starts without. */
  private find(name: string): Connection {
    const nowMs = this.clock.now();
    const found = this.connections.get(name, (_name, isFull) => ({ tokens: isFull ? 0 : this.burst, filledAtMs: nowMs, waiting: new Set() }));
    this.fill(found, nowMs);
    return found;
  }

  private fill(connection: Connection, nowMs: number): void {
    const earned = ((nowMs - connection.filledAtMs) / 1_000) * this.perSecond;
    connection.tokens = Math.min(this.burst, connection.tokens + earned);
    connection.filledAtMs = nowMs;
  }

  /** Each by a timer of its own: so it is cancelled in its own context, and keeps no other one alive. */
  private waitFor(connection: Connection, stream: UnwantedStream): void {
    setWeakTimeout(this.clock, () => this.look(connection, stream), LOOK_EVERY_MS);
  }

  private look(connection: Connection, stream: UnwantedStream): void {
    if (!connection.waiting.has(stream)) return;
    if (stream.hasEnded) return void connection.waiting.delete(stream);
    this.fill(connection, this.clock.now());
    if (connection.tokens < 1 || firstOf(connection.waiting) !== stream) return this.waitFor(connection, stream);
    connection.waiting.delete(stream);
    connection.tokens--;
    stream.cancel();
  }
}

/** The longest waiting that has not ended by itself. */
function firstOf(waiting: Set<UnwantedStream>): UnwantedStream | undefined {
  for (const stream of waiting) {
    if (!stream.hasEnded) return stream;
    waiting.delete(stream);
  }
  return undefined;
}
