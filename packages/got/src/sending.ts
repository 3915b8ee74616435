import type { RaceUntil } from '@hedgerow/core';
import type { Resets } from '@hedgerow/core/adapter';
import type { NormalizedOptions } from 'got';
import type { GiveUp } from './give-up.js';
import type { NamedArguments, SendRequest } from './request-function.js';

/** How to send one physical request. */
export interface Sending {
  readonly send: SendRequest;
  /** got's final options. */
  readonly options: NormalizedOptions;
  readonly args: SentArguments;
  /** What a hedge sends; the primary's body is written by got. */
  readonly body: string | Uint8Array | undefined;
  readonly raceUntil: RaceUntil;
  /** Whether losers may finish. */
  readonly drainLosers: boolean;
  /** Aborts when got gives the call up, whatever its reason. */
  readonly signal: GiveUp;
  readonly resets: Resets;
}

/** What a call was sent with. */
export interface SentArguments {
  /** The primary's. */
  readonly own: NamedArguments;
  /** For hedges: as they were before the primary was sent. */
  readonly original: NamedArguments;
}
