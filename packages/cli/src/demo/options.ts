/** The clients that the demo can drive. */
export const CLIENTS = ['axios', 'got', 'fetch', 'grpc'] as const;
/** Those that are driven unless one is named: more would make the demo long. */
export const USUAL_CLIENTS: readonly ClientName[] = ['axios', 'got'];

export type ClientName = (typeof CLIENTS)[number];

/** Options of the demo, complete. */
export interface DemoOptions {
  /** Which clients are driven, each without and with hedging. */
  readonly clients: readonly ClientName[];
  /** Measured requests of each run. */
  readonly requests: number;
  /** Requests before them, which are not measured. */
  readonly warmup: number;
  /** Requests in flight at any time. */
  readonly concurrency: number;
  /** Seed of the servers' latencies. */
  readonly seed: number;
  /** Where the report goes; `undefined` for none. */
  readonly reportPath: string | undefined;
}

/** Sizes that `--quick` changes; given options go first. */
export const SIZES = {
  full: { requests: 6000, warmup: 500 },
  quick: { requests: 1500, warmup: 300 },
} as const;
