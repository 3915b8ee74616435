import type { StatusObject } from '@grpc/grpc-js';
import { PUSHBACK, pushbackMsOf } from '@hedgerow/core/adapter';
import { valuesOf } from '../request/metadata.js';

/** What the trailers of a failed attempt say about further ones, in milliseconds; `undefined`: nothing. */
export function pushbackMs({ metadata }: StatusObject): number | undefined {
  const values = valuesOf(metadata, PUSHBACK);
  return pushbackMsOf(values.length === 0 ? undefined : values.join());
}
