import type { Resets } from '@hedgerow/core/adapter';

const MOST_ORIGINS = 1_000;

/**
 * Which servers are spoken to by HTTP/2, whose connections outlive a request that is given up. Only Node's own HTTP/1.1 client is known to use another
 * protocol beforehand. Of all else the responses tell: HTTP/2 has no status text. A server that has not answered yet counts as one of HTTP/2.
 */
export class Connections {
  readonly resets: Resets;
  private readonly exclusive = new Map<string, boolean>();

  constructor(resets: Resets) {
    this.resets = resets;
  }

  /** Whether a connection to there may carry other requests at the same time. */
  isMultiplexed(origin: string): boolean {
    return this.exclusive.get(origin) !== true;
  }

  /** A server has answered. */
  note(origin: string, statusText: unknown): void {
    const isExclusive = typeof statusText === 'string' && statusText !== '';
    if (this.exclusive.get(origin) === isExclusive) return;
    if (this.exclusive.size >= MOST_ORIGINS) for (const oldest of this.exclusive.keys()) {
      this.exclusive.delete(oldest);
      break;
    }
    this.exclusive.set(origin, isExclusive);
  }
}

/** Scheme, host and port of an absolute URL, without credentials; of a relative one nothing. Cheap: it is looked at for every response. */
export function originOf(url: string): string {
  const start = url.indexOf('://') + 3;
  if (start < 3) return '';
  const length = url.slice(start).search(/[/?#\\]/);
  const authority = length < 0 ? url.slice(start) : url.slice(start, start + length);
  return url.slice(0, start) + authority.slice(authority.lastIndexOf('@') + 1);
}
