import type { Clock } from '../common/clock.js';
import { LruMap } from '../common/lru.js';

/** However long a server asks us to wait, hedging resumes after this. */
const MOST_PUSHBACK_MS = 3_600_000;
/** A sane header is far shorter. */
const MOST_HEADER_LENGTH = 64;
/** The three forms of an HTTP date (RFC 9110, section 5.6.7); `Date.parse` alone reads a year into any sentence. */
const HTTP_DATE = /^[A-Z][a-z]{2,8},? [\w -]+ \d\d:\d\d:\d\d (?:GMT|\d{4})$/;

/**
 * How long a server asks to be left alone (RFC 9110, section 10.2.3): seconds or an HTTP date.
 *
 * @returns milliseconds, at most one hour; 0 if the response says nothing of the kind.
 */
export function pushbackMs(status: number | undefined, retryAfter: string | undefined, epochNowMs: number): number {
  if (retryAfter === undefined || (status !== 429 && status !== 503)) return 0;
  if (retryAfter.length > MOST_HEADER_LENGTH) return 0;
  const value = retryAfter.trim();
  const waitMs = /^\d+$/.test(value) ? Number(value) * 1_000 : untilDate(value, epochNowMs);
  return waitMs > 0 ? Math.min(waitMs, MOST_PUSHBACK_MS) : 0;
}

function untilDate(value: string, epochNowMs: number): number {
  return HTTP_DATE.test(value) ? Date.parse(value.endsWith('GMT') ? value : `${value} GMT`) - epochNowMs : 0;
}

interface Pushback {
  untilMs: number;
}

/**
 * Origins that have asked to be left alone, and until when. Of more than can be kept the least recent go, and are not forgotten for that: until the
 * last of them would be over, origins of which nothing is kept may have asked, and are left alone too.
 */
export class Pushbacks {
  private readonly origins: LruMap<Pushback>;
  private readonly clock: Clock;
  private othersUntilMs = 0;

  constructor(clock: Clock, maxOrigins: number) {
    this.clock = clock;
    this.origins = new LruMap(maxOrigins, ({ untilMs }) => (this.othersUntilMs = Math.max(this.othersUntilMs, untilMs)));
  }

  isOn(origin: string, nowMs: number): boolean {
    return (this.origins.peek(origin)?.untilMs ?? this.othersUntilMs) > nowMs;
  }

  /** Reads what a server says about being left alone. */
  heed(origin: string, status: number, retryAfter: string | undefined, nowMs: number): void {
    this.add(origin, pushbackMs(status, retryAfter, this.clock.epochNow()), nowMs);
  }

  /** Leaves `origin` alone for `waitMs`. */
  add(origin: string, waitMs: number, nowMs: number): void {
    if (waitMs === 0) return;
    const pushback = this.origins.get(origin, () => ({ untilMs: this.othersUntilMs }));
    pushback.untilMs = Math.max(pushback.untilMs, nowMs + waitMs);
  }
}
