/** What the servers have seen. */
export interface Counts {
  readonly received: { primaries: number; hedges: number };
  /** Endless answers under way. */
  endless: number;
}

/** Where they are. */
export interface Hello {
  readonly http: string;
  /** The one that asks for rest. */
  readonly throttled: string;
  readonly grpc: string;
}

/** An endless answer that its client has closed. Milliseconds since 1970. */
export interface Closed {
  readonly call: number;
  readonly attempt: number;
  readonly atMs: number;
  readonly bytes: number;
}

/** A request that was sent in another call's context, or in none. */
export interface Foreign {
  readonly call: number;
  readonly attempt: number;
  /** Whose context it was, as the client said. */
  readonly context: string;
}

/** What the servers' process tells the soak's. */
export interface Told {
  readonly hello?: Hello;
  readonly counts?: Counts;
  readonly closed?: Closed;
  readonly foreign?: Foreign;
}

/** In which context a request was sent: written by what is below hedgerow, and in each attempt. */
export const CONTEXT = 'x-context';
