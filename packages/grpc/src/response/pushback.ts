import type { StatusObject } from '@grpc/grpc-js';
import { valuesOf } from '../request/metadata.js';

const KEY = 'grpc-retry-pushback-ms';
/** However long a server asks us to wait, it is not believed beyond this. */
const MOST_PUSHBACK_MS = 3_600_000;
/** A sane value is far shorter. */
const MOST_LENGTH = 64;

/**
 * What the trailers of a failed attempt say about further ones (gRPC proposal A6): so many milliseconds to wait for the next.
 *
 * @returns `Infinity` for a negative or unparseable value, which means: no further attempts. `undefined` without one.
 */
export function pushbackMs({ metadata }: StatusObject): number | undefined {
  const values = valuesOf(metadata, KEY);
  if (values.length === 0) return undefined;
  const text = String(values[0]);
  if (values.length > 1 || text.length > MOST_LENGTH || !/^\d+$/.test(text)) return Infinity;
  return Math.min(Number(text), MOST_PUSHBACK_MS);
}
