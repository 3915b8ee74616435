/** However long a server asks us to wait, hedging resumes after this. */
const MOST_PUSHBACK_MS = 3_600_000;
/** A sane header is far shorter. */
const MOST_HEADER_LENGTH = 64;

/**
 * How long a server asks to be left alone (RFC 9110, section 10.2.3): seconds or an HTTP date.
 *
 * @returns milliseconds, at most one hour; 0 if the response says nothing of the kind.
 */
export function pushbackMs(status: number | undefined, retryAfter: string | undefined, epochNowMs: number): number {
  if (retryAfter === undefined || (status !== 429 && status !== 503)) return 0;
  if (retryAfter.length > MOST_HEADER_LENGTH) return 0;
  const value = retryAfter.trim();
  const waitMs = /^\d+$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - epochNowMs;
  return waitMs > 0 ? Math.min(waitMs, MOST_PUSHBACK_MS) : 0;
}
