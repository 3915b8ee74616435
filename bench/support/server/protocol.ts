/** What the servers' process is told and asked. */
export type Command =
  /** Waits until it is idle, then starts counts and latencies again. */
  | { readonly name: 'begin'; readonly workload: Workload }
  /** Waits until it is idle, then counts. */
  | { readonly name: 'settled' }
  /** From now on latencies are so many times those of the workload. */
  | { readonly name: 'slow'; readonly factor: number }
  /** Answers nothing for so long; requests are still taken in. */
  | { readonly name: 'freeze'; readonly ms: number };

/** Which latencies requests meet. They depend on this, on a call's number and on the attempt's, and on nothing else. */
export interface Workload {
  readonly seed: number;
  /** After so many calls the same latencies come again. Default: never. */
  readonly repeatAfter?: number;
  /** Over HTTP the head is sent at once, and the body after 15 ± 3 ms, or for one request in five after 200 ± 25 ms. Default: no. */
  readonly thinks?: boolean;
}

/** How the address of a request over HTTP ends that is answered as a model does: with a comment and a role beside the head, and a token for a body. */
export const SPOKEN = '?tokens';

/** A command on its way. */
export interface Question {
  readonly id: number;
  readonly command: Command;
}

/** The answer to every command. */
export interface Answer {
  readonly id: number;
  readonly counts: ServerCounts;
}

export interface ServerCounts {
  /** Requests received per lane, which is what they say they belong to. */
  readonly received: Readonly<Record<string, number>>;
  /** Processor time that the servers' process has used since it started, in milliseconds. */
  readonly processorMs: number;
}

/** First message of the process: where it listens. */
export interface Hello {
  /** `http://127.0.0.1:port`, for `/lane/number`. */
  readonly url: string;
  /** `127.0.0.1:port`, for {@link ITEMS}. */
  readonly grpcAddress: string;
}
