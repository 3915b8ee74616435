/** What a backend looks at in a request. */
export interface Visit {
  readonly path: string;
  /** How long it is to take, in milliseconds; `undefined` for what its path takes. */
  readonly fixedMs: number | undefined;
  readonly traceparent: string | undefined;
}

/** A request that has come in. */
export interface Arrival {
  readonly backend: number;
  /** From 0. */
  readonly arrival: number;
  readonly latencyMs: number;
}
