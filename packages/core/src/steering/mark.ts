/**
 * The header that tells servers what an attempt is: a dictionary of structured fields (RFC 9651) with one member. One header, because browsers ask for permission by
 * name, and because its parts are read together or not at all.
 */
export const MARK = 'hedge';

/** What a server is told of an attempt. */
export interface Marked {
  /** 0 is the primary. */
  readonly number: number;
  /** The call's, a token. */
  readonly id: string;
  /** From the start of the call to that of the attempt. */
  readonly delayMs: number;
  /** Bounds the call. */
  readonly timeoutMs: number | undefined;
}

/** The value of {@link MARK}, times in whole milliseconds: `attempt=1;id=c5d0b6e2f91a7c384;delay=23;left=900`. */
export function markOf({ number, id, delayMs, timeoutMs }: Marked): string {
  const delay = number === 0 ? '' : `;delay=${Math.round(delayMs)}`;
  const left = timeoutMs === undefined ? '' : `;left=${Math.max(0, Math.floor(timeoutMs - delayMs))}`;
  return `attempt=${number};id=${id}${delay}${left}`;
}
