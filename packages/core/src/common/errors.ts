/** `timeoutMs` passed before any attempt was acceptable. */
export class HedgeTimeoutError extends Error {
  override readonly name = 'HedgeTimeoutError';
  readonly code = 'HEDGE_TIMEOUT';
  /** The bound that was exceeded, in milliseconds. */
  readonly timeoutMs: number;

  constructor(timeoutMs: number) {
    super(`no acceptable answer within ${timeoutMs} ms`);
    this.timeoutMs = timeoutMs;
  }
}
