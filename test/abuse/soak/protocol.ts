/** What the servers have seen. */
export interface Counts {
  readonly received: { primaries: number; hedges: number };
}

/** Where they are. */
export interface Hello {
  readonly http: string;
  /** The one that asks for rest. */
  readonly throttled: string;
  readonly grpc: string;
}
