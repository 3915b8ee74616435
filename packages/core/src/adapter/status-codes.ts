/**
 * Codes of gRPC, which Connect has too, that let the other attempts of a call go on; any other error decides it at once (gRPC proposal A6). They are CANCELLED, UNKNOWN,
 * DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, ABORTED, INTERNAL, UNAVAILABLE and DATA_LOSS.
 */
export const NON_FATAL_CODES: ReadonlySet<number> = new Set([1, 2, 4, 8, 10, 13, 14, 15]);

/** What a trailer is called that says when further attempts are welcome (gRPC proposal A6). */
export const PUSHBACK = 'grpc-retry-pushback-ms';
/** However long a server asks us to wait, it is not believed beyond this. */
const MOST_PUSHBACK_MS = 3_600_000;
/** A sane value is far shorter. */
const MOST_LENGTH = 64;

/**
 * What the trailers of a failed attempt say about further ones: so many milliseconds to wait for the next.
 *
 * @param text - the value of {@link PUSHBACK}; of several, all of them.
 * @returns `Infinity` for a negative or unparseable value, which means: no further attempts. `undefined` without one.
 */
export function pushbackMsOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (text.length > MOST_LENGTH || !/^\d+$/.test(text)) return Infinity;
  return Math.min(Number(text), MOST_PUSHBACK_MS);
}

/** How many attempts came before, on all but the first (gRPC proposal A6). */
export const PREVIOUS_ATTEMPTS = 'grpc-previous-rpc-attempts';
