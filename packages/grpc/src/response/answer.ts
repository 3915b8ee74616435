import type { Metadata, StatusObject } from '@grpc/grpc-js';

/** What an attempt answered, as far as the race waits for it; what `accept` finds in `response`. */
export interface GrpcAnswer {
  /** The first message; `undefined` if the call ended without one. */
  readonly message: unknown;
  /** What the server sent before the first message. */
  readonly metadata: Metadata | undefined;
  /** How the attempt ended; `undefined` of a stream that has only begun. */
  readonly status: StatusObject | undefined;
}
