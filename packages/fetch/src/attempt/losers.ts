import type { Hedger } from '@hedgerow/core';
import type { UnwantedStream } from '@hedgerow/core/adapter';
import type { ConnectionKind } from './connections.js';

/** A request that nobody waits for any more, and what it shares with others. */
export interface Loser {
  readonly stream: UnwantedStream;
  readonly kind: ConnectionKind;
  /** Whose connections are counted together: their origin. */
  readonly origin: string;
  /** How long it may go on where it cannot be cancelled without harm. */
  readonly drainMs: number;
}

/**
 * Gives up a request that has lost, without harm to what shares its connection: one that has a connection for itself is cancelled at once,
 * a stream of HTTP/2 when its connection bears it, and one among pipelined requests runs on, for to abort it destroys the connection of all.
 */
export function lose({ clock, resets }: Hedger, { stream, kind, origin, drainMs }: Loser): void {
  if (kind === 'exclusive') return stream.cancel();
  if (kind === 'multiplexed') return resets.cancel(origin, stream);
  const timer = clock.setTimeout(() => {
    if (!stream.hasEnded) stream.cancel();
  }, drainMs);
  (timer as { readonly unref?: () => unknown } | undefined)?.unref?.();
}

/**
 * Gives up what the caller does not want any more. Its own request ends at once, as it would without hedging; a copy, which nobody
 * else knows of, must not take pipelined requests of others with it.
 */
export function giveUp(hedger: Hedger, loser: Loser, isOwn: boolean): void {
  if (loser.kind === 'pipelined' && !isOwn) return lose(hedger, loser);
  if (loser.kind === 'multiplexed') hedger.resets.spend(loser.origin);
  loser.stream.cancel();
}
