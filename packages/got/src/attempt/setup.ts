import type { CallerAbort, Resets, Until } from '@hedgerow/core/adapter';
import type { NormalizedOptions } from 'got';
import type { SendRequest } from '../request/request-function.js';
import type { Template } from '../request/template.js';

/** How to send one physical request. */
export interface AttemptSetup {
  readonly send: SendRequest;
  /** got's final options. */
  readonly options: NormalizedOptions;
  readonly template: Template;
  /** What a hedge sends; the primary's body is written by got. */
  readonly body: string | Uint8Array | undefined;
  /** How far a body is read before its attempt is judged; `undefined`: not at all. */
  readonly until: Until | undefined;
  /** Whether losers may finish. */
  readonly drainLosers: boolean;
  /** Aborts when got gives the call up, whatever its reason. */
  readonly signal: CallerAbort;
  readonly resets: Resets;
}
