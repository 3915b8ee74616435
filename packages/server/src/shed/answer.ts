import type { ShedReason } from './decide.js';

/** The header, or trailing metadata, that tells a client that its hedge was not worked on, and why: a structured field (RFC 9651), `busy;wait=200`. */
export const SHED = 'hedge-shed';

/** The value of {@link SHED}. For how long a client should send no more hedges is said where that would help: a copy that meets its original says nothing of other calls. */
export function shedValue(reason: ShedReason, pushbackMs: number): string {
  return reason === 'busy' && pushbackMs > 0 ? `busy;wait=${pushbackMs}` : reason;
}

/** What a request is answered that is not worked on. No `Retry-After`: whoever sent the original is not meant. */
export interface ShedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

export function shedAnswer(reason: ShedReason, pushbackMs: number): ShedAnswer {
  const status = reason === 'expired' ? 504 : 503;
  return { status, headers: { [SHED]: shedValue(reason, pushbackMs), 'cache-control': 'no-store', 'content-length': '0' } };
}
