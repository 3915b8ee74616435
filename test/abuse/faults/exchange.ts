/** Where in an answer a fault strikes: before its head is complete (gRPC: before its first message), or within its body. */
export type Where = 'head' | 'body';

/** What can happen to an attempt. */
export type FaultName =
  | 'reset'
  | 'half-open'
  | 'truncated'
  | 'slow'
  | 'stall'
  | 'status 5xx'
  | 'status 429'
  | 'oversized headers'
  | 'redirect circle'
  | 'malformed'
  | 'wrong length'
  | 'refused'
  | 'TLS failure'
  | 'abort';

/** After this much of a body its fault strikes, so that what came before it has been read. */
export const PART_MS = 40;
/** Between two drips of a slow answer; there are {@link DRIPS}. */
export const DRIP_MS = 20;
export const DRIPS = 10;
/** More than any client takes. */
export const HUGE = 'x'.repeat(400_000);

/** One request as a server holds it: what can be done to it. */
export interface Exchange {
  /** 0 for a primary. */
  readonly attempt: number;
  /** Resolves when its connection, or stream, has closed. */
  readonly closed: Promise<void>;
  /** Answers well. */
  answer(body: string): void;
  /** Sends a good head and half of the body, then nothing. */
  half(body: string): void;
  /** Does what it can to it. */
  spoil(fault: FaultName, where: Where, body: string, dripMs: number): void;
}

export type Take = (cell: string, exchange: Exchange) => void;

/** A server of such exchanges, on a free port. */
export interface FaultServer {
  readonly origin: string;
  close(): Promise<void>;
}
